import { badArgument } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import { type CapturedThing, type ReferencedThing, sortThings } from "./explain-things.ts";
import { encodeGraph } from "./graph.ts";
import { identityOf } from "./identity.ts";
import { isRecreated } from "./recreate.ts";
import { functionName } from "./reflection.ts";
import { Walk } from "./walk.ts";

/** What sending a function to workers means: `String(explanation)` is the same for reading. */
export interface FunctionExplanation {
  /** The function's name; `""` if it has none. */
  readonly name: string;
  /** `file:line:column`. */
  readonly definedAt: string;
  /** Equal for equal code, imports and captured values: results are found again by it. */
  readonly id: ContentName;
  /** Everything that travels. */
  readonly bytes: number;
  readonly copied: readonly CapturedThing[];
  readonly referenced: readonly ReferencedThing[];
  toString(): string;
}

/**
 * Says what would travel with `fn`: what is copied, with sizes, what workers import or make themselves, and the
 * identity. Throws what `bag.map(fn)` would throw if `fn` cannot be sent.
 * @example
 * ```ts
 * const limit = 10;
 * const { copied } = explainFunction((n: number) => n < limit);
 * console.log(copied.map((thing) => thing.path)); // → [ 'the function', 'limit' ]
 * ```
 */
export function explainFunction(fn: (...args: never[]) => unknown): FunctionExplanation {
  const where = "explainFunction";
  if (typeof fn !== "function") throw badArgument(where, "a function", fn);
  const name = functionName(fn);
  const walk = new Walk({ where, explains: true, recreate: isRecreated(fn) });
  const graph = walk.run(fn, { parent: undefined, label: name || "the function", step: "" });
  const { copied, referenced } = sortThings(graph, walk);
  const texts = [...walk.modules.values()].map((module) => Buffer.byteLength(module.text));
  const large = [...walk.blobs.values()].map((bytes) => bytes.byteLength);
  const bytes = [encodeGraph(graph).byteLength, ...texts, ...large].reduce((a, b) => a + b);
  const facts = {
    name,
    definedAt: walk.definedAt,
    id: identityOf(graph, graph.root),
    bytes,
    copied,
    referenced,
  };
  return { ...facts, toString: () => inWords(facts) };
}

function inWords(facts: Omit<FunctionExplanation, "toString">): string {
  const { name, definedAt, id, bytes, copied, referenced } = facts;
  const head = `function ${name || "without a name"}${definedAt ? ` (${definedAt})` : ""}`;
  return [
    `${head}: ${inUnits(bytes)} travel, identity ${id}`,
    ...section("copied", copied, (thing) => [thing.path, thing.what, inUnits(thing.bytes)]),
    ...section("not copied", referenced, (thing) => [thing.path, thing.what, thing.identity]),
  ].join("\n");
}

function section<T>(title: string, things: readonly T[], cells: (thing: T) => string[]): string[] {
  if (things.length === 0) return [];
  const rows = things.map(cells);
  const widths = [0, 1].map((i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  "));
  return [`  ${title}`, ...lines.map((line) => `    ${line.trimEnd()}`)];
}

function inUnits(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [size, unit] = bytes < 1024 ** 2 ? [bytes / 1024, "KiB"] : [bytes / 1024 ** 2, "MiB"];
  return `${size.toPrecision(3)} ${unit}`;
}
