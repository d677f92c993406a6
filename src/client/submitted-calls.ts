import type { ShippedFunction } from "../backend/shipped-function.ts";
import { assert } from "../base/assert.ts";
import { nameOfBytes } from "../base/content-name.ts";
import type { LazyNode, NodeOptions } from "../code/lazy/node.ts";
import { CallGroup, sessionNonce } from "./call-group.ts";
import { type CallHolder, CallHolders } from "./call-holders.ts";
import type { CallSite } from "./call-site.ts";
import { CheckedMemory } from "./checked-memory.ts";
import type { Engine } from "./engine.ts";
import { EqualCalls } from "./equal-calls.ts";
import { type Future, futureOf, onlyFuture } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { nodeTargets } from "./future-targets.ts";
import type { Data } from "./graph/calls-writer.ts";
import { plainArguments } from "./graph/item-calls.ts";
import { keptNodes } from "./graph/kept-nodes.ts";
import { canWait, OneCall } from "./one-call.ts";

/** A call that was checked. */
interface Submitted {
  readonly node: LazyNode;
  readonly site: CallSite;
}

/** Futures that more calls may join. */
interface Open<Calls> {
  readonly batch: FutureBatch;
  readonly calls: Calls;
  /** Of pure calls, by position. */
  readonly holders: CallHolder[];
}

/** So many calls begin at once: what waits must not become a burden. */
const waitingMax = 10_000;
/** And calls of so many bytes: as long as one future of a group is held, it keeps what all of its calls take. */
const waitingBytesMax = 2 ** 20;
/** Calls of more bytes are told apart by a hash of these. */
const textBytesMax = 256;

/**
 * Calls that were submitted in this turn of the program. They begin when it is over, or before anything else is asked
 * of the client or of their futures: calls of one function under the same options as one stage, the others in their order.
 */
export class SubmittedCalls {
  readonly #engine: Engine;
  readonly #memory = new CheckedMemory();
  readonly #holders = new CallHolders();
  readonly #groups = new Map<ShippedFunction, Map<string, Open<CallGroup>>>();
  /** By the batch that holds the chunks. */
  readonly #equal = new Map<FutureBatch, Open<EqualCalls>>();
  #count = 0;
  #bytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.waiting.onBegin(() => {
      this.#groups.clear();
      this.#equal.clear();
      this.#count = 0;
      this.#bytes = 0;
    });
  }

  /** A future of the call. */
  add<T>(submitted: Submitted): Future<T> {
    const future = this.#add<T>(submitted);
    this.#count += 1;
    const isMuch = this.#count >= waitingMax || this.#bytes >= waitingBytesMax;
    if (isMuch) this.#engine.waiting.begin();
    return future;
  }

  #add<T>(submitted: Submitted): Future<T> {
    const { node, site } = submitted;
    const engine = this.#engine;
    engine.driver.checkOpen("futures");
    this.#memory.check(engine, node);
    const values = plainArguments(node);
    if (keptNodes([node]).size === 0) {
      if (values !== undefined) return this.#addPlain(submitted, values);
      if (canWait(engine, node)) {
        return onlyFuture(this.#wait(new FutureBatch(engine, new OneCall(node), site)));
      }
    }
    return onlyFuture(new FutureBatch(engine, nodeTargets([node], sessionNonce), site).begin());
  }

  #addPlain<T>({ node, site }: Submitted, values: readonly Data[]): Future<T> {
    const group = this.#groupOf(node, values.length);
    const bytes = group.calls.write(values);
    const isPure = node.nonce === "";
    const text = isPure ? textOf(node, bytes) : "";
    const held = isPure ? this.#holders.find(text) : undefined;
    if (held !== undefined) return this.#addEqual(held, site);
    if (group.calls.count === 0) this.#wait(group.batch);
    const position = group.calls.add(site, node.nonce);
    if (isPure) this.#hold(group, { text, position, group: group.calls, call: position });
    this.#bytes += bytes.length;
    return futureOf<T>(group.batch, position);
  }

  /** The group that the call may join, which waits only once it has a call. */
  #groupOf(node: LazyNode, values: number): Open<CallGroup> {
    const shipped = functionOf(node);
    const groups = this.#groups.get(shipped) ?? new Map<string, Open<CallGroup>>();
    this.#groups.set(shipped, groups);
    const key = `${node.nonce === ""} ${values} ${textOfOptions(node.options)}`;
    const known = groups.get(key);
    if (known !== undefined) return known;
    const holders: CallHolder[] = [];
    const common = { function: shipped, options: node.options, values };
    const calls = new CallGroup(common, (position) => this.#letGo(holders[position]));
    const batch = new FutureBatch(this.#engine, calls, (position) => calls.site(position));
    const made = { batch, calls, holders };
    groups.set(key, made);
    return made;
  }

  /** A future of the chunk that another future has. */
  #addEqual<T>(held: CallHolder, site: CallSite): Future<T> {
    let equal = this.#equal.get(held.batch);
    if (equal === undefined || equal.calls.has(held)) {
      const holders: CallHolder[] = [];
      const calls = new EqualCalls(held, (position) => this.#letGo(holders[position]));
      const batch = new FutureBatch(this.#engine, calls, (position) => calls.site(position));
      equal = { batch, calls, holders };
      this.#equal.set(held.batch, equal);
      this.#wait(batch);
    }
    const position = equal.calls.add(held, site);
    this.#hold(equal, { ...held, position });
    return futureOf<T>(equal.batch, position);
  }

  #hold({ batch, holders }: Open<unknown>, call: Omit<CallHolder, "batch">): void {
    const { text, position, group } = call;
    const holder = { text, batch, position, group, call: call.call };
    holders[position] = holder;
    this.#holders.add(holder);
  }

  #letGo(holder: CallHolder | undefined): void {
    if (holder !== undefined) this.#holders.delete(holder);
  }

  #wait(batch: FutureBatch): FutureBatch {
    this.#engine.waiting.add(batch);
    return batch;
  }
}

function functionOf({ action }: LazyNode): ShippedFunction {
  assert(action.kind === "call", "a submitted call calls a function");
  return action.function;
}

/** Equal for equal calls, and only for those. */
function textOf(node: LazyNode, bytes: Uint8Array): string {
  const { length, buffer, byteOffset } = bytes;
  const { id } = functionOf(node);
  if (length > textBytesMax) return `${id}#${nameOfBytes(bytes)}`;
  return `${id}=${Buffer.from(buffer, byteOffset, length).toString("latin1")}`;
}

const texts = new WeakMap<NodeOptions, string>();

/** Equal for equal options. */
function textOfOptions(options: NodeOptions): string {
  const known = texts.get(options);
  if (known !== undefined) return known;
  const { name, retries, priority, memoryBytes, timeoutMs, span } = options;
  const text = JSON.stringify([name, retries, priority, memoryBytes, timeoutMs, span]);
  texts.set(options, text);
  return text;
}
