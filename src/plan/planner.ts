import { present } from "../base/assert.ts";
import type { StageId } from "../base/ids.ts";
import { type BuildingStage, startBuilding } from "./building-stage.ts";
import { type DraftedStage, makeProgram } from "./drafted-stage.ts";
import type { Expr } from "./expr.ts";
import type { CheckedPlan, Fragment, Target } from "./fragment.ts";
import { type FusionRefusal, fuse } from "./fuse.ts";
import { clipIndexes, normaliseIndexes } from "./index-set.ts";
import { Lowering } from "./lowering.ts";
import { checkMemory, type ProducerFacts, projectMemory } from "./memory.ts";
import { defaultPlanOptions, type PlanOptions } from "./plan-options.ts";
import type { PlanRequest } from "./plan-request.ts";
import { childrenFirst, simplify } from "./simplify.ts";
import type { MemoryProjection, Stage, StageManifest } from "./stage.ts";

/** A plan, and what was decided on the way: for `explain`. */
export interface ExplainedPlan extends CheckedPlan {
  /** The expressions that were asked for, simplified. */
  readonly roots: readonly Expr[];
  /** Fragments so far. */
  readonly fragments: readonly Fragment[];
  readonly refusals: readonly FusionRefusal[];
  /** Expressions that are decided when a stage has finished. */
  waiting(): readonly Expr[];
  /** The stage that a waiting expression waits for itself. */
  waitsFor(expr: Expr): StageId | undefined;
}

/**
 * Plans expressions: simplified to a fixpoint, lowered children first, fused, named, and checked against the workers'
 * memory. What depends on measured sizes is planned by `expand`.
 */
export function planTargets(request: PlanRequest): ExplainedPlan {
  const options: PlanOptions = { ...defaultPlanOptions, ...request.options };
  const roots = simplify(
    request.targets.map((target) => target.expr),
    options.rewritePassesMax,
  );
  const planning = new Planning(request, roots, options);
  const expanded = new Map<StageId, Fragment>();
  const first = planning.nextFragment();
  return {
    first,
    targetCount: roots.length,
    expand: (manifest) => {
      const known = expanded.get(manifest.stage);
      if (known !== undefined) return known;
      const fragment = planning.expand(manifest);
      expanded.set(manifest.stage, fragment);
      return fragment;
    },
    roots,
    fragments: planning.fragments,
    refusals: planning.refusals,
    waiting: () => planning.lowering.waiting,
    waitsFor: (expr) => planning.lowering.watched.get(expr.name),
  };
}

/** The state between fragments: which stages were sent and which targets are known. */
class Planning implements ProducerFacts {
  readonly fragments: Fragment[] = [];
  readonly refusals: FusionRefusal[] = [];
  readonly lowering: Lowering;
  readonly #request: PlanRequest;
  readonly #roots: readonly Expr[];
  readonly #sent = new Set<StageId>();
  readonly #watched = new Set<StageId>();
  readonly #placed = new Set<number>();

  constructor(request: PlanRequest, roots: readonly Expr[], options: PlanOptions) {
    this.#request = request;
    this.#roots = roots;
    this.lowering = new Lowering(request, options, childrenFirst(roots));
  }

  expand(manifest: StageManifest): Fragment {
    this.lowering.learn(manifest);
    return this.nextFragment();
  }

  /** What can run now and has not been sent. */
  nextFragment(): Fragment {
    this.lowering.lowerReady();
    const targets = this.#newTargets();
    const watched = [...new Set(this.lowering.watched.values())].filter(
      (stage) => !this.#watched.has(stage),
    );
    const wanted = new Set([...targets.map((target) => target.stage), ...watched]);
    const building = this.#unsent(wanted);
    const { options } = this.lowering;
    const { workerMemoryBytes } = this.#request.limits;
    const fused = fuse(building, {
      options,
      kept: this.#kept(wanted),
      countOf: (stage) => this.countOf(stage),
      streams: (stage) => this.lowering.drafted.get(stage)?.draft.streams ?? true,
      peakBytes: (stage) => this.#project(stage).total,
      peakBytesMax: workerMemoryBytes,
    });
    const stages = fused.stages.map((stage) => this.#finish(stage));
    for (const stage of stages) this.#sent.add(stage.id);
    for (const stage of watched) this.#watched.add(stage);
    for (const target of targets) this.#placed.add(target.position);
    this.refusals.push(...fused.refusals);
    const fragment = { stages, targets, watched };
    this.fragments.push(fragment);
    return fragment;
  }

  countOf(stage: StageId): number {
    return this.lowering.countOf(stage);
  }

  chunkBytesOf(stage: StageId): number | undefined {
    return this.lowering.chunkBytesOf(stage);
  }

  #newTargets(): Target[] {
    return this.#roots.flatMap((root, position) => {
      const found = this.#placed.has(position) ? undefined : this.lowering.found(root);
      if (found === undefined) return [];
      const { indexes } = present(this.#request.targets[position], "a target");
      const wanted = normaliseIndexes(clipIndexes(indexes, found.count), found.count);
      return [{ position, stage: found.stage, indexes: wanted }];
    });
  }

  /** Stages that the wanted ones need and that were not sent, in topological order. */
  #unsent(wanted: ReadonlySet<StageId>): BuildingStage[] {
    const needed = new Map<StageId, DraftedStage>();
    const path = [...wanted];
    for (let id = path.pop(); id !== undefined; id = path.pop()) {
      const drafted = this.lowering.drafted.get(id);
      if (drafted === undefined || needed.has(id) || this.#sent.has(id)) continue;
      if (this.lowering.isShared(drafted)) continue;
      needed.set(id, drafted);
      for (const slot of drafted.draft.slots) path.push(slot.stage);
    }
    const stored = new Set(
      this.#roots.flatMap((root, position) =>
        this.#request.targets[position]?.store ? [this.lowering.found(root)?.stage] : [],
      ),
    );
    return [...this.lowering.drafted.values()]
      .filter((drafted) => needed.has(drafted.id))
      .map((drafted) => startBuilding(drafted, stored.has(drafted.id), this.#request.runNonce));
  }

  /** Stages whose chunks somebody wants besides their readers: targets, and what waiting expressions will read. */
  #kept(wanted: ReadonlySet<StageId>): ReadonlySet<StageId> {
    const kept = new Set(wanted);
    const waiting = new Set(this.lowering.waiting.map((expr) => expr.name));
    for (const expr of this.lowering.waiting) {
      for (const child of expr.children) {
        const found = this.lowering.found(child);
        if (found !== undefined) kept.add(found.stage);
      }
    }
    for (const root of this.#roots) {
      const found = this.lowering.found(root);
      if (found !== undefined) kept.add(found.stage);
    }
    for (const drafted of this.lowering.drafted.values()) {
      if (waiting.has(drafted.expr.name)) kept.add(drafted.id);
    }
    return kept;
  }

  #project(stage: BuildingStage): MemoryProjection {
    return projectMemory(stage, this, this.#request.limits);
  }

  #finish(stage: BuildingStage): Stage {
    const memory = this.#project(stage);
    checkMemory(stage, memory, { facts: this, limits: this.#request.limits });
    const { own, data, parts, steps, functions, annotations } = stage;
    const setUp = stage.kind === "data" ? undefined : this.#request.setUp;
    const labels = stage.pieces.map((piece) => piece.label);
    const short = shortLabel(labels);
    return {
      id: stage.id,
      name: stage.name,
      label: annotations.span === undefined ? short : `${annotations.span}: ${short}`,
      kind: stage.kind,
      count: stage.count,
      slots: stage.slots.map(({ heldBytes: _, ...slot }) => slot),
      program: makeProgram(steps, functions, setUp),
      ...(own === undefined ? {} : { own }),
      ...(data === undefined ? {} : { data }),
      ...(parts === undefined ? {} : { parts }),
      ...(stage.isStored ? { isStored: true } : {}),
      memory,
      options: {
        retries: annotations.retries ?? 0,
        priority: annotations.priority ?? 0,
        timeoutMs: annotations.timeoutMs,
        memoryBytes: annotations.memoryBytes,
        store: stage.store,
        nonce: stage.nonce,
        impure: stage.impure,
        ordered: stage.ordered,
      },
      definedAt: stage.definedAt,
      fused: labels,
    };
  }
}

const labelPartsMax = 4;

function shortLabel(labels: readonly string[]): string {
  const [first] = labels;
  const last = labels.at(-1);
  return labels.length > labelPartsMax ? `${first} → … → ${last}` : labels.join(" → ");
}
