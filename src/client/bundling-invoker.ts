import { blobKey } from "../backend/chunk-key.ts";
import type { ChunkStore } from "../backend/chunk-store.ts";
import { clientErrorData } from "../backend/client-error-data.ts";
import type { Failure } from "../backend/failure.ts";
import type { Invoker } from "../backend/invoker.ts";
import type { Program } from "../backend/program.ts";
import type { Invocation, InvocationOutcome, TaskResult } from "../backend/task.ts";
import { withInvoke } from "../backend/with-invoke.ts";
import type { ContentName } from "../base/ids.ts";

/** Where bundles lie, and how they are kept there. */
export interface BundleStore {
  readonly store: ChunkStore;
  /** No other client deletes what has this name, as long as this one is open. */
  readonly pin: (name: ContentName) => Promise<void>;
}

/** Times a bundle that was there is put there again before its loss is an error. */
const replacementsMax = 3;

/**
 * `invoker`, which makes a bundle of what the functions of each program import, and sends it to the store before the
 * first task that needs it. Only for workers that have none of the user's modules.
 */
export function bundlingInvoker(invoker: Invoker, bundles: BundleStore): Invoker {
  const bundled = new BundledCalls(invoker, bundles);
  return withInvoke(invoker, (invocation, signal) => bundled.invoke(invocation, signal));
}

class BundledCalls {
  readonly #invoker: Invoker;
  readonly #bundles: BundleStore;
  readonly #programs = new WeakMap<Program, Promise<Program>>();
  readonly #stored = new Map<ContentName, Promise<void>>();
  readonly #replaced = new Map<ContentName, number>();

  constructor(invoker: Invoker, bundles: BundleStore) {
    this.#invoker = invoker;
    this.#bundles = bundles;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvocationOutcome> {
    let program: Program;
    try {
      program = await this.#withBundle(invocation.program);
    } catch (error) {
      const failure = { kind: "fatal", error: clientErrorData(error) } as const;
      return { kind: "lost", worker: -1, results: [], failure };
    }
    const outcome = await this.#invoker.invoke({ ...invocation, program }, signal);
    return program.bundle === undefined
      ? outcome
      : this.#without(invocation, program.bundle, outcome);
  }

  #withBundle(program: Program): Promise<Program> {
    const known = this.#programs.get(program);
    if (known !== undefined) return known;
    const made = this.#bundle(program);
    this.#programs.set(program, made);
    made.catch(() => this.#programs.delete(program));
    return made;
  }

  async #bundle(program: Program): Promise<Program> {
    if (program.functions.every(({ modules }) => modules.length === 0)) return program;
    // Loaded when it is needed: local workers never are given bundles.
    const { bundleImports } = await import("../code/bundle/make-bundle.ts");
    const bundle = await bundleImports(program.functions);
    if (bundle === undefined) return program;
    const { hash, bytes } = bundle;
    let stored = this.#stored.get(hash);
    if (stored === undefined) {
      stored = this.#put(hash, bytes);
      this.#stored.set(hash, stored);
      stored.catch(() => this.#stored.delete(hash));
    }
    await stored;
    return { ...program, bundle: hash };
  }

  async #put(hash: ContentName, bytes: Uint8Array): Promise<void> {
    await this.#bundles.pin(hash);
    await this.#bundles.store.putIfAbsent(blobKey(hash), bytes);
  }

  /** A bundle that went away (by a lifecycle rule, or somebody's hand) is sent again: no task is to blame for that. */
  #without(
    invocation: Invocation,
    bundle: ContentName,
    outcome: InvocationOutcome,
  ): InvocationOutcome {
    const key = blobKey(bundle);
    const isLost = (failure: Failure): boolean =>
      failure.kind === "lost-input" && failure.key === key;
    const lost = (result: TaskResult): boolean =>
      result.status === "failed" && isLost(result.failure);
    if (!outcome.results.some(lost)) return outcome;
    const replaced = this.#replaced.get(bundle) ?? 0;
    if (replaced >= replacementsMax) return outcome;
    // Several invocations may find one loss.
    if (this.#stored.delete(bundle)) this.#replaced.set(bundle, replaced + 1);
    this.#programs.delete(invocation.program);
    const results = outcome.results.map(
      (result): TaskResult =>
        lost(result) && result.status === "failed"
          ? { ...result, failure: { kind: "returned" } }
          : result,
    );
    return { ...outcome, results };
  }
}
