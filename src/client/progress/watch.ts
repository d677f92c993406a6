import type { RunId } from "../../base/ids.ts";
import type { ProgressMode } from "../../config/progress-mode.ts";
import type { RunEvent } from "../../schedule/run-event.ts";
import type { Engine } from "../engine.ts";
import { type ProgressDisplay, quietMs } from "./display-contract.ts";
import { chooseProgressMode } from "./mode.ts";

/** A run that is nearly long enough: time to load what shows it. */
const loadMs = 100;
/** Tasks from which nothing is heard are looked at this often. */
const againMs = 5000;

/** Shows the engine's runs on stderr, in the way `given` or the program's surroundings ask for. */
export function watchProgress(engine: Engine, given: ProgressMode): void {
  const mode = chooseProgressMode(given, {
    argv: process.argv,
    env: process.env,
    isTerminal: process.stderr.isTTY === true,
  });
  if (mode === "none") return;
  const { clock } = engine.backend;
  const active = new Map<RunId, number>();
  let display: ProgressDisplay | undefined;
  let early: RunEvent[] = [];
  const load = (): Promise<typeof import("./display.ts")> => import("./display.ts");
  const show = async (): Promise<void> => {
    const { openDisplay } = await load();
    const opened = display ?? openDisplay(mode);
    display = opened;
    for (const event of early) opened.take(event);
    early = [];
    opened.tick?.(clock.now());
    if (!looking) lookAgain();
  };
  let looking = false;
  const lookAgain = (): void => {
    looking = active.size > 0;
    if (!looking) return;
    clock.after(againMs, () => {
      display?.tick?.(clock.now());
      lookAgain();
    });
  };
  const look = (run: RunId): void => {
    if (!active.has(run)) return;
    if (!display) void show();
    else {
      display.tick?.(clock.now());
      if (!looking) lookAgain();
    }
  };
  engine.driver.onEvent((event) => {
    const { run } = event;
    if (event.kind === "run-started") {
      if (!active.has(run)) {
        clock.after(quietMs - loadMs, () => {
          if (active.has(run)) void load();
        });
        clock.after(quietMs, () => look(run));
      }
      active.set(run, (active.get(run) ?? 0) + 1);
    } else if (event.kind === "run-finished") {
      const jobs = (active.get(run) ?? 1) - 1;
      if (jobs === 0) active.delete(run);
      else active.set(run, jobs);
    }
    if (display) display.take(event);
    else if (active.size > 0 || early.length > 0) early.push(event);
    // Nothing is under way: what was quick stays unseen.
    if (active.size === 0) early = [];
  });
}
