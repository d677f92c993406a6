import { formatBytes } from "../../base/byte-size.ts";
import type { StageId } from "../../base/ids.ts";
import type { RunEvent } from "../../schedule/run-event.ts";
import type { RunView, StageView } from "./state.ts";
import { formatCount, formatDuration } from "./text.ts";

const stepPercent = 10;
const quietLinesMs = 30_000;
/** Stages that lines are written about; of more, only their number is told now and then. */
const stagesMax = 50;

/** Sparse lines about one run: when stages begin and end, and in between every ten percent or half minute. */
export class PlainLines {
  readonly #run: RunView;
  readonly #told = new Map<StageId, { percent: number; atMs: number }>();
  /** Per stage that gives no result, when to say so next. */
  readonly #quiet = new Map<StageId, { readonly sinceMs: number; afterMs: number }>();
  #hinted = false;

  #more = 0;
  #summaryMs: number;

  constructor(run: RunView) {
    this.#run = run;
    this.#summaryMs = run.startedMs;
  }

  /** The line that opens the run. */
  opening(): string {
    const { name, resumed } = this.#run;
    return this.#line(`${name} ${resumed ? "resumed" : "started"}`);
  }

  /** What there is to say after `event`, which the run's view has taken in. */
  after(event: RunEvent): string[] {
    const { stages, finished } = this.#run;
    if (event.kind === "run-finished" && finished) {
      const took = formatDuration(finished.atMs - this.#run.startedMs);
      return [this.#line(`${this.#run.name} ${finished.outcome} after ${took}`)];
    }
    const stage = "stage" in event ? stages.get(event.stage) : undefined;
    if (!stage || !("stage" in event)) return [];
    if (this.#told.size >= stagesMax && !this.#told.has(event.stage)) return this.#summary(event);
    if (event.kind === "task-retried") {
      return [this.#line(`${stage.label}[${event.index}] retried: ${event.failure}`)];
    }
    return this.#stageLines(event.stage, stage, event);
  }

  /** What there is to say at `nowMs` of stages from which nothing is heard: less and less often. */
  quiet(nowMs: number): string[] {
    const lines: string[] = [];
    for (const [id, { label, running, heardMs, done, tasks }] of this.#run.stages) {
      if (running === 0 || heardMs === undefined) continue;
      const known = this.#quiet.get(id);
      const quiet =
        known?.sinceMs === heardMs ? known : { sinceMs: heardMs, afterMs: quietLinesMs };
      this.#quiet.set(id, quiet);
      if (nowMs - heardMs < quiet.afterMs) continue;
      quiet.afterMs *= 2;
      const hint = this.#hinted ? "" : "; annotate({ timeoutMs }, …) sets a limit";
      this.#hinted = true;
      const count = `${taskCount(running)} running, no result for ${formatDuration(nowMs - heardMs)}`;
      lines.push(
        this.#line(`${label}: ${count} (${formatCount(done)}/${formatCount(tasks)})${hint}`),
      );
    }
    return lines;
  }

  #stageLines(id: StageId, stage: StageView, event: RunEvent): string[] {
    const { label, tasks, done, found, finishedMs, startedMs, bytes } = stage;
    const told = this.#told.get(id);
    const percent = tasks === 0 ? 100 : Math.floor((100 * done) / tasks);
    if (event.kind === "stage-finished") {
      this.#quiet.delete(id);
      const took = finishedMs !== undefined && startedMs !== undefined ? finishedMs - startedMs : 0;
      const size = bytes > 0 ? `, ${formatBytes(bytes)}` : "";
      const count = `${taskCount(tasks - found)} in ${formatDuration(took)}${foundDone(found)}`;
      return [this.#line(`${label} finished: ${count}${size}`)];
    }
    if (!told) {
      // Its first tasks may have started before the stage was announced.
      if (startedMs === undefined || label === "") return [];
      this.#told.set(id, { percent, atMs: event.atMs });
      return [this.#line(`${label} started: ${taskCount(tasks - found)}${foundDone(found)}`)];
    }
    if (done === tasks) return [];
    const due = percent >= told.percent + stepPercent || event.atMs - told.atMs >= quietLinesMs;
    if (!due) return [];
    this.#told.set(id, { percent: percent - (percent % stepPercent), atMs: event.atMs });
    return [this.#line(`${label} ${percent} % (${formatCount(done)}/${formatCount(tasks)})`)];
  }

  #summary(event: RunEvent): string[] {
    if (event.kind !== "stage-finished") return [];
    this.#more += 1;
    if (event.atMs - this.#summaryMs < quietLinesMs) return [];
    this.#summaryMs = event.atMs;
    return [this.#line(`${formatCount(this.#more)} more stages finished`)];
  }

  #line(text: string): string {
    return `lambdask: ${text}`;
  }
}

function taskCount(count: number): string {
  return count === 1 ? "1 task" : `${formatCount(count)} tasks`;
}

function foundDone(count: number): string {
  return count === 0 ? "" : `, ${formatCount(count)} more found done`;
}
