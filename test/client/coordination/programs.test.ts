import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../../src/index.ts";
import { startProgram } from "../../scenario/run-program.ts";
import { errorOf, temporaryFolder } from "../support.ts";

const folder = temporaryFolder();
const open = (): ReturnType<typeof connect> =>
  connect({ inline: true, store: folder.path, progress: "none" });

test("three programs that read, add and write under one lock lose nothing", async () => {
  const file = path.join(folder.path, "count");
  writeFileSync(file, "0");
  const programs = [1, 2, 3].map(() => startProgram("add-under-lock", [folder.path, file, "15"]));
  for (const { ended, output } of programs) expect([await ended, output.stderr]).toEqual([0, ""]);
  expect(readFileSync(file, "utf8")).toBe("45");
  await using client = await open();
  // The same sum in a variable, which needs no lock.
  expect(await client.variable("count").get()).toBe(45);
}, 60_000);

test("a lock whose holder was killed is free for who waits for it", async () => {
  await using client = await open();
  const lock = client.lock("killed");
  const holder = startProgram("hold-lock", [folder.path, "killed"]);
  while (!holder.output.stdout.includes("held"))
    await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await lock.acquire({ timeoutMs: 100 })).toBeUndefined();
  const waiting = lock.acquire();
  holder.process.kill("SIGKILL");
  expect(await holder.ended).toBe("SIGKILL");
  await using lease = await waiting;
  expect(lease.token).toBe(2);
}, 30_000);

test("a client that is closed lets go of its locks; one of this process too", async () => {
  const first = await open();
  await using second = await open();
  const lease = await first.lock("closing").acquire();
  expect(await second.lock("closing").acquire({ timeoutMs: 1 })).toBeUndefined();
  await first.close();
  expect(lease.signal.aborted).toBe(false);
  await using taken = await second.lock("closing").acquire();
  expect(taken.token).toBe(2);
});

test("a client that is closed waits for no lock any more, and takes none", async () => {
  const first = await open();
  await using second = await open();
  const lock = first.lock("waited for");
  await lock.acquire();
  const waiting = Array.from({ length: 3 }, () => errorOf(() => lock.acquire()));
  await first.close();
  for (const error of [...(await Promise.all(waiting)), await errorOf(() => lock.acquire())]) {
    expect(error).toMatchObject({ code: "CLOSED" });
  }
  expect(await second.lock("waited for").holders()).toBe(0);
  expect(await errorOf(() => lock.holders())).toMatchObject({ code: "CLOSED" });
});

test("what a client begins to take as it is closed is free afterwards", async () => {
  await using second = await open();
  for (let turns = 0; turns < 20; turns++) {
    const first = await open();
    const acquired = first.lock("taken late").acquire();
    for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    await first.close();
    await acquired.catch((error: unknown) => expect(error).toMatchObject({ code: "CLOSED" }));
    expect(await second.lock("taken late").holders()).toBe(0);
  }
});

test("variables of a closed client are not read or set", async () => {
  const client = await open();
  const value = client.variable<number>("late");
  await value.set(1);
  await client.close();
  for (const act of [() => value.get(), () => value.set(2), () => value.update((n) => n ?? 0)]) {
    expect(await errorOf(act)).toMatchObject({ code: "CLOSED" });
  }
  await using other = await open();
  expect(await other.variable("late").get()).toBe(1);
  await other.variable("late").delete();
});

test("variables keep types, are changed by many at once, and go", async () => {
  await using one = await open();
  await using two = await open();
  const value = { at: new Date(5), tags: new Set(["a"]), n: 7n };
  await one.variable("typed").set(value);
  expect(await two.variable("typed").get()).toEqual(value);
  const [here, there] = [one.variable<number>("many"), two.variable<number>("many")];
  const numbers = Array.from({ length: 40 }, (_, i) => i);
  await Promise.all(numbers.map((i) => (i % 2 === 0 ? here : there).update((n = 0) => n + 1)));
  expect(await here.get()).toBe(40);
  await there.delete();
  expect(await here.get()).toBeUndefined();
});

test("what is no name, no data or too much is refused", async () => {
  await using client = await open();
  expect(() => client.lock("")).toThrow(/client\.lock: name/);
  expect(() => client.semaphore("x", 0)).toThrow(/client\.semaphore: leases/);
  expect(() => client.variable(5 as never)).toThrow(/client\.variable: name/);
  const variable = client.variable<unknown>("v");
  expect(await errorOf(() => variable.set(client.submit(() => 1)))).toMatchObject({
    code: "NOT_DATA",
  });
  expect(await errorOf(() => variable.set(() => 1))).toMatchObject({ code: "NOT_DATA" });
  expect(await errorOf(() => variable.set("x".repeat(300_000)))).toMatchObject({ code: "LIMIT" });
  expect(await errorOf(() => variable.update(5 as never))).toMatchObject({ code: "BAD_ARGUMENT" });
  const lock = client.lock("sent");
  expect(await errorOf(() => client.submit(() => lock.name).result())).toMatchObject({
    code: "CANNOT_SHIP",
  });
});
