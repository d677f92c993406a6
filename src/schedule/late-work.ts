import type { StageId } from "../base/ids.ts";
import type { StageState } from "./state.ts";

/** Stages that workers still work for although their jobs were released. */
export class LateWork {
  readonly #waiting = new Map<StageId, PromiseWithResolvers<void>>();

  /** Resolves when those of `stages` that only a worker holds are gone; `undefined` if there are none. */
  of(stages: Iterable<StageState>): Promise<void> | undefined {
    const late = [...stages].filter(({ invocations, jobs }) => invocations > 0 && jobs.size === 0);
    if (late.length === 0) return undefined;
    return Promise.all(late.map(({ stage }) => this.#gone(stage.id))).then(() => undefined);
  }

  /** The stage is gone. */
  removed(stage: StageId): void {
    this.#waiting.get(stage)?.resolve();
    this.#waiting.delete(stage);
  }

  #gone(stage: StageId): Promise<void> {
    const waiting = this.#waiting.get(stage) ?? Promise.withResolvers<void>();
    this.#waiting.set(stage, waiting);
    return waiting.promise;
  }
}
