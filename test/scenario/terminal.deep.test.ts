import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { Screen } from "../support/screen.ts";

const folder = temporaryFolder();
const program = path.join(import.meta.dirname, "programs/shown.ts");
/** util-linux's `script` runs a program on a terminal of its own. */
const hasTerminals = String(spawnSync("script", ["--version"]).stdout).includes("util-linux");

/** Runs the program on a terminal of 100 × 30; `seen` is called with every new state of the screen. */
async function onTerminal(
  args: readonly string[],
  seen: (lines: readonly string[]) => void,
): Promise<readonly string[]> {
  const words = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qfec", `stty cols 100 rows 30; exec ${words}`, "/dev/null"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm", CI: "", LAMBDASK_PROGRESS: "" },
  });
  const screen = new Screen();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen.write(text);
    seen(screen.lines);
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect(code, screen.lines.join("\n")).toBe(0);
  return screen.lines;
}

describe.skipIf(!hasTerminals)("on a terminal", () => {
  test("a block is drawn over and over while lines of program and tasks go above it, and its end stays", async () => {
    const go = path.join(folder.path, "go");
    const frames: string[][] = [];
    const end = await onTerminal([path.join(folder.path, "store"), go], (lines) => {
      const heading = lines.findLastIndex((line) => line.startsWith("▶ compute"));
      if (heading < 0) return;
      frames.push(lines.slice(heading).filter((line) => line !== ""));
      const isNearlyDone = lines.some((line) => line.includes("7/8"));
      if (isNearlyDone && lines.includes("a line of the program")) writeFileSync(go, "");
    });
    const open = frames.find((lines) => lines.some((line) => line.includes("7/8")));
    expect(open?.[0]).toMatch(/^▶ compute · 2 workers · \d\.\d s$/);
    expect(open?.[1]).toMatch(/^ {2}▸ map {7}━{17}╸─{2} {2}7\/8 {2}run 1/);
    expect(open).toHaveLength(2);
    // What was written meanwhile, the block's last state, and what the program wrote after.
    expect(end.filter((line) => line !== "")).toEqual([
      "a line of the program",
      "a line of a task",
      expect.stringMatching(/^✔ compute · 2 workers · .* s$/),
      expect.stringMatching(/^ {2}✔ map {7}━{20} {2}8\/8 {2}.* s$/),
      "sum 140",
    ]);
  });
});
