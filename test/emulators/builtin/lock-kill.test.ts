import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../../src/index.ts";
import { builtinCloud } from "../builtin-cloud.ts";

const program = path.join(import.meta.dirname, "../programs/hold-lock.ts");

test("a lock in a bucket whose holder was killed goes to the program that waits for it", async () => {
  await using cloud = await builtinCloud();
  await using client = await connect({ backend: cloud.backend(), progress: "none" });
  const lock = client.lock("killed");
  const holder = spawn(process.execPath, [program, JSON.stringify(cloud.options), "killed"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(holder, "exit");
  await once(holder.stdout, "data");
  expect(await lock.holders()).toBe(1);
  expect(await lock.acquire({ timeoutMs: 50 })).toBeUndefined();
  const waiting = lock.acquire();
  holder.kill("SIGKILL");
  await ended;
  await using lease = await waiting;
  expect(lease.token).toBe(2);
  expect(await lock.holders()).toBe(1);
}, 60_000);
