import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { connect, delayed } from "../../../src/index.ts";
import { builtinCloud } from "../builtin-cloud.ts";
import { listening, loopback, tellsListening } from "../server/listening.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/** Inodes of this process's sockets. */
function ownSockets(): Set<string> {
  const links = fs.readdirSync("/proc/self/fd").map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      // Closed meanwhile.
      return "";
    }
  });
  return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
}

test.runIf(tellsListening)("the emulator of our own hears this machine only", async () => {
  await using cloud = await builtinCloud();
  await using _client = await connect({ backend: cloud.backend(), progress: "none" });
  expect(await delayed((n: number) => n)(1).compute()).toBe(1);
  const sockets = ownSockets();
  const own = listening().filter(({ inode }) => sockets.has(inode));
  // AWS's own APIs, and the one that the running function asks for its work.
  expect(own.length).toBeGreaterThanOrEqual(2);
  expect(own.map(({ port }) => port)).toContain(Number(new URL(cloud.aws.endpoint).port));
  expect([...new Set(own.map(({ address }) => address))]).toEqual([loopback]);
});

test("the npm package that is called like LocalStack is nowhere", () => {
  const lock = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, unknown>>;
  };
  expect(Object.keys(lock.packages)).toContain("node_modules/aws-cdk");
  expect(Object.keys(lock.packages).filter((name) => name.endsWith("/localstack"))).toEqual([]);
  const own = fs.readFileSync(path.join(root, "package.json"), "utf8");
  expect(own).not.toMatch(/"localstack"\s*:/);
});
