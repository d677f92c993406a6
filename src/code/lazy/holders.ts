import { isRecord, plainContainer } from "../../base/nested.ts";

type Hit = (value: object) => boolean;

/** Deeper down, the search keeps its own stack and remembers what it has seen, which costs more. */
const recursionMax = 100;

/** A container with so much in it is remembered: met again it costs nothing, and a smaller one costs no more than this. */
const rememberedMin = 64;

/** A search that has found nothing so far. */
interface Searched {
  readonly hit: Hit;
  /** Items looked at. */
  items: number;
  /** Containers that hold much, and nothing that was searched for. */
  large: Set<object> | undefined;
}

/** True if there is something that `hit` tells, in the plain containers of `value` or as it. */
export function holds(value: unknown, hit: Hit): boolean {
  if (!isObject(value)) return false;
  const found = search(value, { hit, items: 0, large: undefined }, 0);
  return found === "too deep" ? holdersIn(value, hit).size > 0 : found;
}

/**
 * Runs for the arguments and the result of every call: makes next to nothing for plain values, however many, and takes
 * no longer than there are items in different containers, however often these are met.
 */
function search(value: object, searched: Searched, depth: number): boolean | "too deep" {
  if (searched.hit(value)) return true;
  if (depth > recursionMax) return "too deep";
  if (searched.large?.has(value)) return false;
  const before = searched.items;
  const found = searchInside(value, searched, depth + 1);
  if (found === false && searched.items - before >= rememberedMin) {
    searched.large ??= new Set();
    searched.large.add(value);
  }
  return found;
}

function searchInside(value: object, searched: Searched, depth: number): boolean | "too deep" {
  if (Array.isArray(value)) return searchItems(value, searched, depth);
  if (value instanceof Map)
    return searchItems([...value.keys(), ...value.values()], searched, depth);
  if (value instanceof Set) return searchItems([...value], searched, depth);
  return isRecord(value) && searchItems(Object.values(value), searched, depth);
}

function searchItems(
  items: readonly unknown[],
  searched: Searched,
  depth: number,
): boolean | "too deep" {
  searched.items += items.length;
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    const found = isObject(item) && search(item, searched, depth);
    // What is too deep is searched from the start, in the other way.
    if (found !== false) return found;
  }
  return false;
}

interface Frame {
  readonly of: object;
  readonly items: readonly unknown[];
  next: number;
}

/** What is looked into, and what is wrong. */
interface Searching {
  /** What lies in a value, if it is looked into; left out: lists, records, Maps and Sets are. */
  readonly itemsOf?: (value: object) => readonly unknown[] | undefined;
  /** The error of a container that lies in itself and holds what is searched for; left out: nobody minds. */
  readonly cycle?: () => Error;
}

/** The plain containers in `root`, and `root` itself, that have something in them that `hit` tells. */
export function holdersIn(
  root: unknown,
  hit: Hit,
  { itemsOf = plainItems, cycle }: Searching = {},
): ReadonlySet<object> {
  const holders = new Set<object>();
  const seen = new Set<object>();
  const again = new Set<object>();
  const stack: Frame[] = [];
  const enter = (value: unknown): void => {
    if (!isObject(value)) return;
    if (holders.has(value) || hit(value)) markAll(stack, holders);
    else if (seen.has(value)) again.add(value);
    else {
      seen.add(value);
      const items = itemsOf(value);
      if (items) stack.push({ of: value, items, next: 0 });
    }
  };
  enter(root);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    if (frame.next < frame.items.length) enter(frame.items[frame.next++]);
    else stack.pop();
  }
  // Only what was not left yet becomes a holder: one that was met again before it was one lies in itself.
  if (cycle && !again.isDisjointFrom(holders)) throw cycle();
  return holders;
}

function plainItems(value: object): readonly unknown[] | undefined {
  return plainContainer(value)?.items;
}

/** All that is around what was found, from the inside, as far as it was not known. */
function markAll(stack: readonly Frame[], holders: Set<object>): void {
  for (let i = stack.length - 1; i >= 0; i--) {
    const frame = stack[i];
    if (frame === undefined || holders.has(frame.of)) return;
    holders.add(frame.of);
  }
}

function isObject(value: unknown): value is object {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}
