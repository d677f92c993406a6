import { badArgument } from "../base/errors.ts";
import { annotations } from "../code/lazy/annotations.ts";
import { argumentOf } from "../code/lazy/argument.ts";
import type { LazyNode } from "../code/lazy/node.ts";
import { sessionNonce } from "./call-group.ts";
import type { CallSite } from "./call-site.ts";
import { isLazy } from "./collection.ts";
import type { Engine } from "./engine.ts";
import { type Future, futuresOfBatch } from "./future.ts";
import { FutureBatch } from "./future-batch.ts";
import { nodeTargets } from "./future-targets.ts";

/** Begins the work of collections, all together: a future of the value of each. */
export function computeFutures(
  engine: Engine,
  { lazies, site }: { readonly lazies: readonly unknown[]; readonly site: CallSite },
): Future<unknown>[] {
  if (lazies.length === 0) return [];
  const nodes = lazies.map((lazy, i) => nodeOf(lazy, `client.compute: collection ${i + 1}`));
  return futuresOfBatch(new FutureBatch(engine, nodeTargets(nodes, sessionNonce), site).begin());
}

/** What computes the value in one place: a delayed value itself, or a task that puts the records of a bag together. */
function nodeOf(lazy: unknown, where: string): LazyNode {
  if (!isLazy(lazy)) throw badArgument(where, "a delayed value or a bag", lazy);
  const argument = argumentOf(lazy, { where });
  if (argument.kind === "node") return argument;
  const action = { kind: "value" } as const;
  return { kind: "node", action, arguments: [argument], options: annotations(), nonce: "" };
}
