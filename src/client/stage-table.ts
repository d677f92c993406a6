import { present } from "../base/assert.ts";
import type { StageId } from "../base/ids.ts";
import type { Fragment } from "../plan/fragment.ts";
import type { LiveStage } from "../plan/lower-context.ts";
import type { Stage } from "../plan/stage.ts";
import { releasedError } from "../schedule/drive-checks.ts";
import type { Driver } from "../schedule/driver.ts";

/** The stages that a client's runs use, as long as one of them does: equal work of two runs has one stage. */
export class StageTable {
  readonly #stages = new Map<StageId, { readonly stage: Stage; users: number }>();

  /** Adds a new stage with its first user. */
  add(stage: Stage): void {
    this.#stages.set(stage.id, { stage, users: 1 });
  }

  /** One more user of a stage that another run has added. True if there is such a stage. */
  retain(id: StageId): boolean {
    const entry = this.#stages.get(id);
    if (entry) entry.users += 1;
    return entry !== undefined;
  }

  /** The stage of this id. */
  get(id: StageId): Stage | undefined {
    return this.#stages.get(id)?.stage;
  }

  /** One user less of each. */
  release(ids: Iterable<StageId>): void {
    for (const id of ids) {
      const entry = this.#stages.get(id);
      if (!entry) continue;
      entry.users -= 1;
      if (entry.users === 0) this.#stages.delete(id);
    }
  }
}

/** The stages that one run uses. */
export class RunStages {
  readonly #table: StageTable;
  readonly #driver: Driver;
  readonly #used = new Set<StageId>();
  readonly #targets = new Map<number, StageId>();

  constructor(table: StageTable, driver: Driver) {
    this.#table = table;
    this.#driver = driver;
  }

  /** Notes stages of a fragment, and stages of other runs that it names. */
  note(fragment: Fragment): void {
    for (const stage of fragment.stages) {
      if (this.#used.has(stage.id)) continue;
      this.#used.add(stage.id);
      this.#table.add(stage);
    }
    for (const { stage, position } of fragment.targets) {
      this.#targets.set(position, stage);
      if (!this.#used.has(stage)) this.#retain(stage);
    }
  }

  get(id: StageId): Stage | undefined {
    return this.#table.get(id);
  }

  /** Chunks of target number `position` by the stage that makes them: for work that starts from there. */
  live(position: number): LiveStage {
    const id = present(this.#targets.get(position), "a target's stage");
    const stage = this.get(id);
    if (stage === undefined) throw releasedError();
    const { name, count } = stage;
    return { stage: id, name, count };
  }

  #retain(id: StageId): void {
    if (!this.#table.retain(id)) {
      // Its runs are over, but a task of theirs still runs: so the driver has it yet.
      const stage = this.#driver.stage(id);
      if (stage === undefined) return;
      this.#table.add(stage);
    }
    this.#used.add(id);
  }

  release(): void {
    this.#table.release(this.#used);
    this.#used.clear();
  }
}
