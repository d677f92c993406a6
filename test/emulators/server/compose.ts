import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import type { RunningServer } from "./server.ts";

const run = promisify(execFile);
const file = path.resolve(import.meta.dirname, "../localstack/compose.yml");
const compose = ["compose", "--file", file, "--project-name", "lambdask-test"];
const pullMsMax = 10 * 60_000;

/** LocalStack in Docker; `undefined` where there is no Docker that answers. */
export async function startCompose(): Promise<RunningServer | undefined> {
  const answers = await run("docker", ["info"], { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
  if (!answers) return undefined;
  await run("docker", [...compose, "up", "--detach", "--wait"], { timeout: pullMsMax });
  return {
    endpoint: "http://127.0.0.1:4566",
    [Symbol.asyncDispose]: async () => {
      await run("docker", [...compose, "down", "--volumes"]);
    },
  };
}
