import { unreachable } from "../../base/assert.ts";
import type { RunId } from "../../base/ids.ts";
import type { ProgressMode } from "../../config/progress-mode.ts";
import type { RunEvent } from "../../schedule/run-event.ts";
import { type ProgressDisplay, quietMs } from "./display-contract.ts";
import { LiveBlock } from "./live-block.ts";
import { PlainLines } from "./plain.ts";
import { renderRun } from "./render.ts";
import { applyEvent, type ProgressState, type RunView } from "./state.ts";

/** The display of one mode, on stderr. */
export function openDisplay(mode: Exclude<ProgressMode, "auto" | "none">): ProgressDisplay {
  switch (mode) {
    case "tty":
      return new TerminalDisplay();
    case "plain":
      return plainDisplay((line) => process.stderr.write(`${line}\n`));
    case "json":
      return { take: (event) => process.stderr.write(`${JSON.stringify(event)}\n`) };
    default:
      return unreachable(mode);
  }
}

/** Lines about every run that lasts long enough; what was quick is never mentioned. */
export function plainDisplay(write: (line: string) => void): ProgressDisplay {
  const state: ProgressState = new Map();
  const open = new Map<RunId, { readonly lines: PlainLines; held: string[] | undefined }>();
  return {
    take: (event) => {
      const run = applyEvent(state, event);
      if (!run) return;
      let told = open.get(run.run);
      if (!told) {
        const lines = new PlainLines(run);
        told = { lines, held: [lines.opening()] };
        open.set(run.run, told);
      }
      const lines = told.lines.after(event);
      if (told.held && event.atMs - run.startedMs < quietMs) told.held.push(...lines);
      else {
        for (const line of [...(told.held ?? []), ...lines]) write(line);
        told.held = undefined;
      }
      if (run.finished) open.delete(run.run);
    },
    tick: (nowMs) => {
      for (const [id, told] of open) {
        const startedMs = state.get(id)?.startedMs ?? nowMs;
        if (nowMs - startedMs < quietMs) continue;
        for (const line of [...(told.held ?? []), ...told.lines.quiet(nowMs)]) write(line);
        told.held = undefined;
      }
    },
  };
}

const frameMs = 100;

/** A block at the bottom of the terminal that is drawn anew ten times a second. */
class TerminalDisplay implements ProgressDisplay {
  readonly #state: ProgressState = new Map();
  readonly #block = new LiveBlock();
  #timer: NodeJS.Timeout | undefined;

  take(event: RunEvent): void {
    const run = applyEvent(this.#state, event);
    if (run?.finished && event.atMs - run.startedMs >= quietMs) this.#leave(run);
    if (this.#state.size > 0) {
      this.#timer ??= setInterval(() => this.#draw(), frameMs).unref();
    } else {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#block.clear();
    }
  }

  tick(): void {
    this.#draw();
  }

  #draw(): void {
    const nowMs = Date.now();
    const shown = [...this.#state.values()].filter((run) => nowMs - run.startedMs >= quietMs);
    this.#block.draw(shown.flatMap((run) => this.#lines(run, nowMs)));
  }

  /** What stays on the screen of a run that has ended. */
  #leave(run: RunView): void {
    this.#block.leave(this.#lines(run, run.finished?.atMs ?? run.startedMs));
  }

  #lines(run: RunView, nowMs: number): string[] {
    const { columns, rows } = this.#block.size();
    return renderRun(run, {
      nowMs,
      columns,
      rows: Math.floor(rows / Math.max(1, this.#state.size)),
    });
  }
}
