import type { CodeModule } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import type { BytesSlot, GraphNode, Slot } from "./graph.ts";
import type { Refusal, Trail } from "./trail.ts";

/** What the parts of a capture share: they turn values into nodes, the walk keeps the nodes. */
export interface WalkContext {
  /** Where the first function of the user's that is met is written. */
  definedAt: string;
  /** What stands for `value` in the graph; objects are looked at later, so that no depth overflows the stack. */
  slot(value: unknown, trail: Trail): Slot;
  /** Like `slot`, for an object whose node `describe` gives. */
  slotAs(value: object, trail: Trail, describe: () => GraphNode): Slot;
  /** Objects that cannot be copied are made anew by the constant initialisers that made them. */
  readonly recreates: boolean;
  /** True if `value` can be copied with all it holds. */
  canCopy(value: object): boolean;
  /** Bytes in the graph, or stored apart if they are many. They are copied now. */
  bytes(bytes: Uint8Array): BytesSlot;
  /** Adds a module that the graph needs. */
  module(module: CodeModule): ContentName;
  /** Counts a function of the user's; refuses when there are too many. */
  countFunction(trail: Trail): void;
  refuse(trail: Trail, refusal: Refusal): never;
}
