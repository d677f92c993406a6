import { spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../client/support.ts";
import { Screen } from "../support/screen.ts";

const folder = temporaryFolder();
const program = path.join(import.meta.dirname, "programs/shown.ts");
/** util-linux's `script` runs a program on a terminal of its own. */
const hasTerminals = String(spawnSync("script", ["--version"]).stdout).includes("util-linux");

/**
 * Runs the program on a terminal of 100 × 30 and gives what is left on its screen; `seen` is called with what it shows
 * meanwhile, whenever that is no half of a frame.
 */
function onTerminal(
  args: readonly string[],
  seen: (lines: readonly string[]) => void,
): Promise<readonly string[]> {
  const words = [process.execPath, program, ...args].map((word) => `'${word}'`).join(" ");
  const child = spawn("script", ["-qfec", `stty cols 100 rows 30; exec ${words}`, "/dev/null"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TERM: "xterm", CI: "", LAMBDASK_PROGRESS: "" },
  });
  // Its terminal ends with it, and the program with the terminal.
  onTestFinished(() => void child.kill("SIGKILL"));
  const screen = new Screen();
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      try {
        screen.write(text);
        if (screen.isWhole) seen(shown(screen));
      } catch (error) {
        reject(error);
      }
    });
    child.on("close", (code) => {
      const lines = shown(screen);
      if (code === 0) resolve(lines);
      else reject(new Error(`it ended with ${code}:\n${lines.join("\n")}`));
    });
  });
}

function shown(screen: Screen): string[] {
  return screen.lines.filter((line) => line !== "");
}

describe.skipIf(!hasTerminals)("on a terminal", () => {
  test("a block is drawn over and over while lines of program and tasks go above it, and its end stays", async () => {
    const block: readonly unknown[] = [
      expect.stringMatching(/^▶ compute · 2 workers · [\d.]+ s$/),
      expect.stringMatching(/^ {2}▸ map {7}━{17}╸─{2} {2}7\/8 {2}run 1/),
    ];
    /** What the screen is to show one after the other, and the file that lets the program go on from there. */
    const states: { readonly lines: readonly unknown[]; readonly step: string }[] = [
      { lines: block, step: "program" },
      { lines: ["a line of the program", ...block], step: "task" },
      { lines: ["a line of the program", "a line of a task", ...block], step: "end" },
    ];
    const end = await onTerminal([path.join(folder.path, "store"), folder.path], (lines) => {
      const [state] = states;
      // The last task runs alone once the others are done, and a line is on its way to the screen before it is there.
      if (state === undefined || !lines.some((line) => line.includes("7/8"))) return;
      if (lines.length < state.lines.length) return;
      expect(lines).toEqual(state.lines);
      states.shift();
      writeFileSync(path.join(folder.path, state.step), "");
    });
    expect(states).toEqual([]);
    expect(end).toEqual([
      "a line of the program",
      "a line of a task",
      expect.stringMatching(/^✔ compute · 2 workers · .* s$/),
      expect.stringMatching(/^ {2}✔ map {7}━{20} {2}8\/8 {2}.* s$/),
      "sum 140",
    ]);
  });
});
