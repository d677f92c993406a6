import { appendFileSync, globSync, readFileSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { fromSequence } from "../../src/bag.ts";
import { connect, delayed } from "../../src/index.ts";
import { errorOf, temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();
const options = { processes: 2, progress: "none" } as const;

test("a chunk truncated on disk is made again, and the result is right", async () => {
  const store = path.join(folder.path, "truncated");
  const executions = path.join(folder.path, "truncated-executions");
  const table = delayed((rows: number) => {
    appendFileSync(executions, "table\n");
    return Array.from({ length: rows }, (_, i) => `row ${i}`);
  });
  const compute = async (): Promise<readonly string[]> => {
    await using _client = await connect({ ...options, store });
    return await table(20_000).compute({ reuse: true });
  };
  expect(await compute()).toHaveLength(20_000);
  truncateLarge(store);
  const again = await compute();
  expect(again.at(-1)).toBe("row 19999");
  expect(readFileSync(executions, "utf8")).toBe("table\ntable\n");
});

test("a chunk truncated before the client reads it is made again too", async () => {
  const store = path.join(folder.path, "truncated-2");
  await using _client = await connect({ ...options, store });
  const kept = await delayed(() =>
    Array.from({ length: 20_000 }, (_, i) => `row ${i}`),
  )().persist();
  truncateLarge(store);
  expect((await kept.compute()).length).toBe(20_000);
});

test("a finished program recomputes; with reuse its results are found again", async () => {
  const executions = path.join(folder.path, "reuse-executions");
  const store = path.join(folder.path, "reuse");
  const work = delayed((x: number) => {
    appendFileSync(executions, "run\n");
    return x * 2;
  });
  const runs = (): number => readFileSync(executions, "utf8").split("\n").length - 1;
  for (const reuse of [false, false, true, true]) {
    await using _client = await connect({ ...options, store });
    expect(await work(21).compute({ reuse })).toBe(42);
  }
  expect(runs()).toBe(3);
});

// Linux lets nobody make anything there, and says ENOENT: Node's own recursive mkdir never returns.
describe.skipIf(process.platform !== "linux")("where no folder can be made", () => {
  test("connect refuses a store, naming the path and the cure", async () => {
    const error = await errorOf(() => connect({ ...options, store: "/proc/nope/store" }));
    expect(error).toMatchObject({
      code: "STORE",
      fix: expect.stringContaining("choose another") as unknown,
    });
    expect(String(error)).toContain("no folder can be made: /proc/nope/store");
  });

  test("so does the first compute that starts the default", async () => {
    const program = startProgram("default-store", [], {
      env: { LAMBDASK_STORE: "/proc/nope" },
    });
    expect(await program.ended).toBe(1);
    expect(program.output.stderr).toContain("no folder can be made: /proc/nope");
  });

  test("writeText refuses a pattern, naming the file and the cure", async () => {
    await using _client = await connect({ ...options, store: path.join(folder.path, "text") });
    const error = await errorOf(() => fromSequence(["a"]).writeText("/proc/x/*.txt"));
    expect(error).toMatchObject({ code: "SOURCE", fix: "write somewhere else" });
    expect(String(error)).toContain("file:///proc/x/0.txt: no folder can be made there");
  });
});

/** Cuts every large chunk in two. */
function truncateLarge(store: string): void {
  const large = globSync("**/*", { cwd: store })
    .map((name) => path.join(store, name))
    .filter((file) => statSync(file).isFile() && statSync(file).size > 100_000);
  expect(large.length).toBeGreaterThan(0);
  for (const file of large) truncateSync(file, 50_000);
}
