import type { ShippedFunction } from "../backend/shipped-function.ts";
import { nameOf } from "../base/content-name.ts";
import type { NodeOptions } from "../code/lazy/node.ts";
import { impureNonce } from "../plan/expr.ts";
import { allIndexes } from "../plan/index-set.ts";
import type { PackedBytes } from "../plan/stage.ts";
import { type CallSite, nowhere } from "./call-site.ts";
import type { FutureTargets, Place } from "./future-targets.ts";
import { CallsWriter, type Data } from "./graph/calls-writer.ts";
import { callsExpr } from "./graph/item-calls.ts";
import { unpackBytes } from "./graph/pack.ts";
import type { PlanTarget } from "./run-targets.ts";

/** In the names of all that futures compute: it is of this client's session only. */
export const sessionNonce = "session";

/** What the calls of a group have in common. */
export interface GroupedCalls {
  readonly function: ShippedFunction;
  readonly options: NodeOptions;
  /** Arguments of each. */
  readonly values: number;
}

/** Calls of one function under the same options, submitted one by one: the results are chunks of one stage. */
export class CallGroup implements FutureTargets {
  readonly areApart = true;
  readonly #calls: GroupedCalls;
  readonly #release: (position: number) => void;
  readonly #sites: CallSite[] = [];
  /** Of impure calls, one for each; empty for pure ones. */
  readonly #nonces: string[] = [];
  #writer: CallsWriter | undefined;
  #own: PackedBytes | undefined;
  #targets: PlanTarget[] | undefined;

  constructor(calls: GroupedCalls, release: (position: number) => void) {
    this.#calls = calls;
    this.#release = release;
    this.#writer = new CallsWriter(1, calls.values);
  }

  get count(): number {
    return this.#sites.length;
  }

  /** Writes a call down; its bytes tell it apart from other calls of the function. It is no member before `add`. */
  write(values: readonly Data[]): Uint8Array {
    const writer = this.#open();
    if (writer.tasks > this.count) writer.undoTask();
    writer.beginTask();
    for (const value of values) writer.add(value);
    return writer.task(this.count);
  }

  /** Adds the call that was written last; gives its position. */
  add(site: CallSite, nonce: string): number {
    if (nonce !== "") this.#nonces.push(nonce);
    return this.#sites.push(site) - 1;
  }

  get targets(): readonly PlanTarget[] {
    this.#targets ??= [
      { expr: callsExpr(this.#close(), this.#callsOf(this.#nonces)), indexes: allIndexes },
    ];
    return this.#targets;
  }

  place(index: number): Place {
    return { target: 0, index };
  }

  site(position: number): CallSite {
    return this.#sites[position] ?? nowhere;
  }

  /** That of the call by itself, whatever calls it was submitted with. */
  key(position: number): string {
    const bytes =
      this.#own === undefined ? this.#open().task(position) : unpackBytes(this.#own, position);
    const own = { offsets: Float64Array.of(0, bytes.length), bytes: bytes.slice() };
    const nonces = this.#nonces.slice(position, position + 1);
    return `${callsExpr(own, this.#callsOf(nonces)).name}-0`;
  }

  release(position: number): void {
    this.#release(position);
  }

  forget(position: number): void {
    this.#sites[position] = nowhere;
  }

  #callsOf(nonces: readonly string[]): Parameters<typeof callsExpr>[1] {
    const nonce = nonces.length === 0 ? sessionNonce : impureNonce(nameOf(nonces));
    return { function: this.#calls.function, options: this.#calls.options, nonce };
  }

  #open(): CallsWriter {
    this.#writer ??= new CallsWriter(1, this.#calls.values);
    return this.#writer;
  }

  #close(): PackedBytes {
    const writer = this.#open();
    if (writer.tasks > this.count) writer.undoTask();
    this.#own = writer.finish();
    this.#writer = undefined;
    return this.#own;
  }
}
