// Loaded before a program: it stands still amid the growth of its plan, at the place that the environment names, and
// says so by a file. Nothing goes on in it until it is killed. No straggler gets a backup.
import { writeFileSync } from "node:fs";
import { patchSource } from "../../support/patch-source.ts";
import "./no-backups.ts";

const { LAMBDASK_TEST_STOP_AT: place, LAMBDASK_TEST_STOPPED: file = "" } = process.env;

Object.assign(globalThis, {
  expansionPoint: (at: string): void => {
    if (at !== place) return;
    writeFileSync(file, "");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});

const text = "this.#addFragment(driven, driven.expand(manifest), true);";
patchSource({
  file: "schedule/drive.ts",
  text,
  replacement: `
    globalThis.expansionPoint("measured");
    const grown = driven.expand(manifest);
    globalThis.expansionPoint("expanded");
    ${text.replace("driven.expand(manifest)", "grown")}
    globalThis.expansionPoint("added");`,
});
