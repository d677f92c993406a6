/**
 * Lowers expressions to drafted stages, children first. An operation that must see a manifest first waits, and with it
 * all that depends on it; `lowerReady` is called again when the manifest is there.
 *
 * Invariants:
 * 1. An expression is lowered once, and after all its children.
 * 2. Stages are drafted after the stages they read, so the order of drafting is topological.
 * 3. One stored name has one stage.
 */
import { assert, present } from "../base/assert.ts";
import type { ContentName, StageId } from "../base/ids.ts";
import { assertDraft, type DraftedStage, storedName } from "./drafted-stage.ts";
import type { Expr } from "./expr.ts";
import {
  type Layout,
  type LiveStage,
  type LowerContext,
  type StageDraft,
  selfStage,
} from "./lower-context.ts";
import { normaliseMapping } from "./mapping-compose.ts";
import { assertMappingFits } from "./mapping-fits.ts";
import type { PlanOptions } from "./plan-options.ts";
import type { PlanRequest } from "./plan-request.ts";
import type { StageManifest } from "./stage.ts";

/** What slots and projections ask about a stage. */
interface KnownStage {
  readonly name: ContentName;
  readonly count: number;
  readonly chunkBytes: number | undefined;
}

/** What the lowering of one plan has come to. */
export class Lowering {
  readonly options: PlanOptions;
  /** In order of drafting. */
  readonly drafted: Map<StageId, DraftedStage> = new Map();
  readonly #request: PlanRequest;
  readonly #layouts = new Map<ContentName, Layout>();
  readonly #byName = new Map<ContentName, Layout>();
  /** Names and counts of every stage that a slot may name. */
  readonly #known = new Map<StageId, KnownStage>();
  readonly #manifests = new Map<StageId, StageManifest>();
  /** Drafted stages that other work had in the driver when they were drafted. */
  readonly #shared = new Set<StageId>();
  /** Stages whose chunks go to many tasks, as some expression of them says. */
  readonly #broadcast = new Set<StageId>();
  #waiting: readonly Expr[];
  #watched: ReadonlyMap<ContentName, StageId> = new Map();

  /** `order`: every expression, children first. */
  constructor(request: PlanRequest, options: PlanOptions, order: readonly Expr[]) {
    this.#request = request;
    this.options = options;
    this.#waiting = order;
  }

  /** Expressions that are not lowered yet, children first. */
  get waiting(): readonly Expr[] {
    return this.#waiting;
  }

  /** Which stage's manifest an expression waits for itself. */
  get watched(): ReadonlyMap<ContentName, StageId> {
    return this.#watched;
  }

  /** Takes in what is known of a finished stage. */
  learn(manifest: StageManifest): void {
    this.#manifests.set(manifest.stage, manifest);
  }

  /** Where the chunks of an expression are: `undefined` while it waits. */
  found(expr: Expr): Layout | undefined {
    return this.#layouts.get(expr.name);
  }

  /** Adds a stage unless there is one of the same stored name, here or in the driver. */
  emit(expr: Expr, draft: StageDraft): Layout {
    const functions = draft.functions ?? expr.functions;
    assertDraft(draft, functions);
    const name =
      draft.stored ??
      storedName(expr, draft, {
        inputName: (stage) => present(this.#known.get(stage), "an input stage").name,
        runNonce: this.#request.runNonce,
        setUp: this.#request.setUp,
      });
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const live = this.#request.stageNamed?.(name);
    const id = live ?? this.#request.nextStageId();
    const { count, chunkBytes, form } = draft;
    this.#known.set(id, { name, count, chunkBytes });
    const slots = draft.slots.map((slot) => {
      const stage = slot.stage === selfStage ? id : slot.stage;
      const counts = { producerCount: this.countOf(stage), consumerCount: count };
      assertMappingFits(slot.mapping, counts, draft.label);
      const mapping = normaliseMapping(slot.mapping);
      return this.#broadcast.has(stage)
        ? { ...slot, stage, mapping, broadcast: true }
        : { ...slot, stage, mapping };
    });
    this.drafted.set(id, { id, name, draft: { ...draft, slots }, functions, expr, chunkBytes });
    if (live !== undefined) this.#shared.add(id);
    const layout: Layout = {
      stage: id,
      count,
      form,
      ...(chunkBytes === undefined ? {} : { chunkBytes }),
    };
    this.#byName.set(name, layout);
    return layout;
  }

  /** True if other work still has the stage in the driver. It may have let go of it since it was drafted. */
  isShared({ id, name }: DraftedStage): boolean {
    return this.#shared.has(id) && this.#request.stageNamed?.(name) === id;
  }

  /** The layout of a stage that the driver has. */
  adopt(live: LiveStage): Layout {
    const { name, ...layout } = live;
    this.#known.set(live.stage, { name, count: live.count, chunkBytes: live.chunkBytes });
    return layout;
  }

  /** Indexes of a stage that was drafted or adopted. */
  countOf(stage: StageId): number {
    return present(this.#known.get(stage), "a stage").count;
  }

  /** Bytes of a stage's largest chunk, if a bound is known. */
  chunkBytesOf(stage: StageId): number | undefined {
    return present(this.#known.get(stage), "a stage").chunkBytes;
  }

  /** Lowers every expression whose children are there, as far as that goes. */
  lowerReady(): void {
    const watched = new Map<ContentName, StageId>();
    for (const expr of this.#waiting) {
      if (!expr.children.every((child) => this.#layouts.has(child.name))) continue;
      const stage = this.#lower(expr);
      if (stage !== undefined) watched.set(expr.name, stage);
    }
    this.#watched = watched;
    this.#waiting = this.#waiting.filter((expr) => this.found(expr) === undefined);
  }

  /** Lowers one expression; the stage it waits for, if it does. */
  #lower(expr: Expr): StageId | undefined {
    const context: LowerContext = {
      options: this.options,
      layout: (child) => present(this.#layouts.get(child.name), "the layout of a child"),
      adopt: (live) => this.adopt(live),
      emit: (draft) => this.emit(expr, draft),
      manifest: (stage) => this.#manifests.get(stage),
      readable: (file) => this.#request.filesAway?.readable(file) ?? file,
      outputs: this.#request.filesAway?.outputs(this.#request.runNonce),
    };
    const lowered = expr.operation.lower(expr, context);
    if (lowered.kind === "layout") {
      this.#layouts.set(expr.name, lowered.layout);
      if (expr.annotations.broadcast) this.#broadcast.add(lowered.layout.stage);
      return undefined;
    }
    assert(!this.#manifests.has(lowered.stage), `${expr.operation.name} waits for what it has`);
    return lowered.stage;
  }
}
