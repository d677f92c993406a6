/** A list, record, Map or Set as it is looked into: what lies in it, and how one of its kind is made again. */
export interface Container {
  readonly items: readonly unknown[];
  /** One with these items in place of those. */
  make(items: readonly unknown[]): unknown;
  /** The name of an item, for messages; left out: its number. */
  name?(item: number): unknown;
}

/** How something nested is made again from the inside. */
export interface Rebuilding {
  /** What becomes of a value: looked into, or another in its place. `path` names it from the outside. */
  open(value: unknown, path: () => readonly unknown[]): Container | { readonly value: unknown };
  /** The error of a container that lies in itself. */
  cycle(): Error;
}

interface Frame {
  readonly of: unknown;
  readonly container: Container;
  readonly made: unknown[];
}

/**
 * `root` made again, however deep it is nested: keeps its own stack. A container that is met twice is made once, and what
 * was made of it lies where it lay.
 */
export function rebuildNested(root: unknown, { open, cycle }: Rebuilding): unknown {
  const around = new Set<unknown>();
  const remade = new Map<unknown, { readonly value: unknown }>();
  const outermost: Container = { items: [root], make: ([made]) => made };
  const stack: Frame[] = [{ of: undefined, container: outermost, made: [] }];
  const path = (): unknown[] => stack.slice(1).map(nameOfNext);
  for (;;) {
    const { of, container, made } = stack.at(-1) as Frame; // The outermost is left by the return.
    if (made.length === container.items.length) {
      stack.pop();
      around.delete(of);
      const value = container.make(made);
      const above = stack.at(-1);
      if (above === undefined) return value;
      remade.set(of, { value });
      above.made.push(value);
      continue;
    }
    const item = container.items[made.length];
    const known = typeof item === "object" ? remade.get(item) : undefined;
    const opened = known ?? open(item, path);
    if ("value" in opened) made.push(opened.value);
    else if (around.has(item)) throw cycle();
    else {
      around.add(item);
      stack.push({ of: item, container: opened, made: [] });
    }
  }
}

function nameOfNext({ container, made }: Frame): unknown {
  return container.name?.(made.length) ?? made.length;
}

/** `value` as a container if it is a list, a Map, a Set or a record without a class. */
export function plainContainer(value: unknown): Container | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return { items: value, make: (items) => items };
  if (value instanceof Set) return { items: [...value], make: (items) => new Set(items) };
  if (value instanceof Map) return mapContainer(value);
  return isRecord(value) ? recordContainer(value) : undefined;
}

function mapContainer(map: ReadonlyMap<unknown, unknown>): Container {
  const { size } = map;
  return {
    items: [...map.keys(), ...map.values()],
    make: (items) => new Map(items.slice(0, size).map((key, i) => [key, items[size + i]])),
  };
}

function recordContainer(record: object): Container {
  const keys = Object.keys(record);
  return {
    items: Object.values(record),
    make: (items) => Object.fromEntries(keys.map((key, i) => [key, items[i]])),
    name: (item) => keys[item],
  };
}

/** True for objects without a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
