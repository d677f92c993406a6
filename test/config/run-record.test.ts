import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { nameOf } from "../../src/base/content-name.ts";
import { makeRunId } from "../../src/base/ids.ts";
import { connect, delayed, explainFunction, withConfig } from "../../src/index.ts";
import { localBackend } from "../../src/local/local-backend.ts";
import { createKeeper } from "../../src/schedule/keeper.ts";
import { decodeRecord, recordName } from "../../src/schedule/run-record.ts";
import { temporaryFolder } from "../client/support.ts";
import { ProgramFolder } from "../code/support/programs.ts";

const folder = temporaryFolder();

/** Settings in the records of the runs that are under way in a store; the store's own run of futures has none. */
const settingsOfRuns = delayed((store: string): Record<string, unknown>[] => {
  const { readdirSync, readFileSync } = process.getBuiltinModule("node:fs");
  return readdirSync(`${store}/runs`).flatMap((run) => {
    const text = readFileSync(`${store}/runs/${run}/record`, "utf8");
    const record = JSON.parse(text) as { name: string; settings?: Record<string, unknown> };
    return record.settings === undefined ? [] : [record.settings];
  });
});

test("a run's record tells the settings that hold for it: options, scopes and defaults", async () => {
  const store = path.join(folder.path, "a");
  const client = await withConfig({ memory: "1 GiB", processes: 4 }, () =>
    connect({ inline: true, scale: { min: 1, max: 2 }, store, progress: "none" }),
  );
  await using _client = client;
  const records = await withConfig({ compute: { retries: 3, priority: 7 } }, () =>
    settingsOfRuns(store).compute({ priority: 5 }),
  );
  expect(records).toEqual([
    {
      memory: "1 GiB",
      "scale.min": 1,
      "scale.max": 2,
      store,
      inline: true,
      progress: "none",
      allFrames: false,
      "compute.retries": 3,
      "compute.rounds": 1000,
      "compute.priority": 5,
      "aws.stack": "Lambdask",
    },
  ]);
});

test("a run's record tells what sets up its client and workers by name, the workers' by identity too", async () => {
  const store = path.join(folder.path, "c");
  const warm = (): void => {};
  const options = { inline: true, store, progress: "none", setUpWorker: warm } as const;
  await using _client = await connect({ ...options, setUpClient: function greet() {} });
  const [record] = await settingsOfRuns(store).compute();
  expect(record).toMatchObject({
    setUpWorker: `warm ${explainFunction(warm).id}`,
    setUpClient: "greet",
  });
});

test("later settings change nothing of a client that is there", async () => {
  const store = path.join(folder.path, "b");
  await using _client = await connect({ inline: true, store, progress: "none" });
  const [record] = await withConfig({ memory: "2 GiB", inline: false }, () =>
    settingsOfRuns(store).compute(),
  );
  expect(record).toMatchObject({ inline: true });
  expect(record).not.toHaveProperty("memory");
});

test("lambdask.config.ts of the working directory is read by the first compute", async () => {
  await using programs = await ProgramFolder.make();
  const here = { cwd: programs.path };
  const store = path.join(programs.path, "chunks");
  await programs.write({
    "lambdask.config.ts": `import type { Settings } from "#src/index.ts";
export default { inline: false, processes: 1, store: "chunks", progress: "none" } satisfies Settings;`,
    "main.ts": `import { config, delayed } from "#src/index.ts";
const read = delayed(${settingsText});
const [settings] = await read(${JSON.stringify(store)}).compute();
console.log(JSON.stringify([settings.processes, settings.store, config.from("processes")]));`,
  });
  expect(await programs.run("main.ts", [], here)).toEqual([
    1,
    "chunks",
    `${path.join(programs.path, "lambdask.config.ts")}: processes`,
  ]);
  writeFileSync(path.join(programs.path, "lambdask.config.ts"), "export default { proceses: 1 };");
  await expect(programs.run("main.ts", [], here)).rejects.toThrow('did you mean "processes"?');
});

test("the file is not touched by importing the package and writing lazy work", async () => {
  await using programs = await ProgramFolder.make();
  const here = { cwd: programs.path };
  await programs.write({
    "lambdask.config.ts": 'throw new Error("touched");',
    "lazy.ts": `import { compute, delayed, withConfig } from "#src/index.ts";
import { range } from "#src/bag.ts";
const work = withConfig({ store: "x" }, () => delayed((n) => n + 1)(range(3).map((n) => n).sum()));
console.log(JSON.stringify([typeof compute, typeof work]));`,
    "asks.ts": 'import { config } from "#src/index.ts";\nconfig.get("store");',
  });
  expect(await programs.run("lazy.ts", [], here)).toEqual(["function", "function"]);
  await expect(programs.run("asks.ts", [], here)).rejects.toThrow(
    /lambdask\.config\.ts: the configuration cannot be loaded: Error: touched/,
  );
});

const settingsText = `(store) => {
  const { readdirSync, readFileSync } = process.getBuiltinModule("node:fs");
  return readdirSync(store + "/runs").map((run) => JSON.parse(readFileSync(store + "/runs/" + run + "/record", "utf8")).settings);
}`;

test("so does the record of a client's futures, once it has one", async () => {
  const backend = localBackend({ inline: true });
  const settings = { store: "x" };
  const keeper = createKeeper({ ...backend, settings });
  const session = makeRunId("session-1");
  await keeper.pin(session, [nameOf("a chunk")]);
  const file = await backend.runs.get(recordName(session));
  expect(decodeRecord(file?.bytes ?? new Uint8Array(0))).toMatchObject({ run: session, settings });
  await keeper.close();
  await backend.close();
});
