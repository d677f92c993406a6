import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { startProgram } from "./run-program.ts";

const folder = temporaryFolder();
const treeSum = `result ${(120 * 119) / 2}`;

describe("two programs that do the same work on one store at once", () => {
  test("both get the right result", async () => {
    const store = path.join(folder.path, "store");
    const programs = ["a", "b"].map((name) =>
      startProgram("counted-tree", [
        store,
        path.join(folder.path, `executions-${name}`),
        path.join(folder.path, `in-flight-${name}`),
      ]),
    );
    for (const program of programs) {
      expect(await program.ended, program.output.stderr).toBe(0);
      expect(program.output.stdout).toContain(treeSum);
    }
  });

  test.for([
    { ends: ["release", "release"], left: 0 },
    { ends: ["release", "keep"], left: 1 },
  ])("lose no stored chunk, and leave what $ends.1 of them says", async ({ ends, left }) => {
    const store = path.join(folder.path, `large-${left}`);
    const places = ["a", "b"].map((name) => path.join(folder.path, `${name}-${left}`));
    const programs = places.map((mine, i) =>
      startProgram("large-trees", [store, mine, places[1 - i] ?? "", ends[i] ?? ""]),
    );
    for (const program of programs) {
      expect(await program.ended, program.output.stderr).toBe(0);
      expect(program.output.stdout).toBe("8 rounds\n");
    }
    const kept = filesIn(path.join(store, "kept")).map((note) => note.split("-")[0]);
    expect(kept).toHaveLength(left);
    // tmp/<two letters>/<name>/<block>/<index>: one chunk of what is kept.
    const chunks = filesIn(path.join(store, "tmp"));
    expect(chunks.map((chunk) => chunk.split(path.sep)[1])).toEqual(kept);
    const records = filesIn(path.join(store, "runs")).filter((name) => name.endsWith("record"));
    expect(records).toHaveLength(left);
  });
});

/** Files below a folder, which goes with the last of them. */
function filesIn(root: string): string[] {
  if (!existsSync(root)) return [];
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.filter((name) => statSync(path.join(root, name)).isFile());
}
