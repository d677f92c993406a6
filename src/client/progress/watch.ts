import type { RunEvent } from "../../schedule/run-event.ts";
import type { Engine } from "../engine.ts";
import { chooseProgressMode, type ProgressMode } from "./mode.ts";

/** Runs shorter than this show nothing, and load nothing to show it with. */
const quietMs = 500;

/** Takes events; the display was not there when the first ones came. */
export interface ProgressDisplay {
  take(event: RunEvent): void;
}

/** Shows the engine's runs on stderr, in the way `given` or the program's surroundings ask for. */
export function watchProgress(engine: Engine, given: ProgressMode | undefined): void {
  const mode = chooseProgressMode(given, {
    argv: process.argv,
    env: process.env,
    isTerminal: process.stderr.isTTY === true,
  });
  if (mode === "none") return;
  let display: ProgressDisplay | undefined;
  let early: RunEvent[] = [];
  let timer: (() => void) | undefined;
  const active = new Set<string>();
  const show = async (): Promise<void> => {
    const { openDisplay } = await import("./display.ts");
    const opened = display ?? openDisplay(mode);
    display = opened;
    for (const event of early) opened.take(event);
    early = [];
  };
  engine.driver.onEvent((event) => {
    if (event.kind === "run-started") active.add(event.run);
    if (event.kind === "run-finished") active.delete(event.run);
    if (display) {
      display.take(event);
      return;
    }
    early.push(event);
    if (event.kind === "run-started" && !timer) {
      timer = engine.backend.clock.after(quietMs, () => {
        timer = undefined;
        void show();
      });
    }
    if (active.size > 0) return;
    // Nothing is under way: what was quick stays unseen.
    early = [];
    timer?.();
    timer = undefined;
  });
}
