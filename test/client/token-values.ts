import { fromSequence } from "../../src/bag.ts";
import { delayed } from "../../src/index.ts";

class Point {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
}

class Place {
  readonly x: number;
  readonly y: number;
  constructor(x: number, y: number) {
    this.x = x;
    this.y = y;
  }
  where(): string {
    return `${this.x}/${this.y}`;
  }
}

class Temperature {
  readonly #kelvin: number;
  constructor(kelvin: number) {
    this.#kelvin = kelvin;
  }
  [Symbol.for("lambdask.tokenize")](): unknown {
    return ["Temperature", this.#kelvin];
  }
}

type Ordered = <T>(items: T[]) => T[];

const primitives: Record<string, unknown> = {
  one: 1,
  "one as bigint": 1n,
  "one as text": "1",
  true: true,
  zero: 0,
  "minus zero": -0,
  NaN: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  null: null,
  undefined,
  "empty text": "",
  "text with a lone surrogate": "\ud800",
  "text of a replacement": "\ufffd",
  "registered symbol": Symbol.for("token"),
  "well-known symbol": Symbol.iterator,
};

const builtIns: Record<string, unknown> = {
  date: new Date(86_400_000),
  "date as number": 86_400_000,
  "no date": new Date(Number.NaN),
  regexp: /a+/g,
  "regexp with other flags": /a+/i,
  "Float32Array of 2": new Float32Array(2),
  "Float64Array of 1": new Float64Array(1),
  "Int32Array of 2": new Int32Array(2),
  "Uint8Array of 8": new Uint8Array(8),
  "Buffer of 8": Buffer.alloc(8),
  "DataView of 8": new DataView(new ArrayBuffer(8)),
  "ArrayBuffer of 8": new ArrayBuffer(8),
  "Error x": new Error("x"),
  "TypeError x": new TypeError("x"),
  "Error with a cause": new Error("x", { cause: 1 }),
  url: new URL("https://example.org/a"),
  "boxed one": Object(1) as object,
  "max of Math": Math.max,
};

/** Lists whose kinds differ: in shape, in order, in holes. */
const lists: Record<string, unknown> = {
  "empty list": [],
  "empty record": {},
  "empty Map": new Map(),
  "empty Set": new Set(),
  "list 1 2": [1, 2],
  "list 2 1": [2, 1],
  "nested list 1 2": [[1, 2]],
  "list of lists 1 2": [[1], [2]],
  "list with undefined": [undefined, 1],
  "list with a hole": Object.assign(new Array(2), { 1: 1 }),
  "list with a field": Object.assign([1, 2], { extra: 1 }),
  "text of a list": "1,2",
  "record with undefined": { a: undefined },
  "record as list": [["a", undefined]],
};

function withOrder(ordered: Ordered): Record<string, unknown> {
  const record = (...entries: [string, unknown][]): object => Object.fromEntries(ordered(entries));
  const add = 3;
  return {
    record: record(["b", 1], ["a", { c: 2 }], ["10", 3], ["9", 4]),
    "other record": record(["b", 1], ["a", { c: 3 }], ["10", 3], ["9", 4]),
    Map: new Map<unknown, unknown>(
      ordered([
        ["k", 1],
        [{ key: 1 }, 2],
        [1, 3],
      ]),
    ),
    "Map with swapped values": new Map<unknown, unknown>(
      ordered([
        ["k", 2],
        [{ key: 1 }, 1],
        [1, 3],
      ]),
    ),
    Set: new Set(ordered<unknown>([1, "1", { a: [1] }, new Set(ordered([2, 3]))])),
    "deep Set": new Set([new Set([new Set(ordered(["a", "b", "c"]))])]),
    Point: Object.assign(Object.create(Point.prototype) as object, record(["x", 1], ["y", 2])),
    Place: new Place(1, 2),
    "record of a Point": record(["x", 1], ["y", 2]),
    "Temperature 1": new Temperature(1),
    "Temperature 2": new Temperature(2),
    function: (x: number) => x + add,
    "other function": (x: number) => x - add,
    class: Point,
    delayed: delayed((values: object) => values)({ p: 1, q: [2] }),
    bag: fromSequence([{ p: 1 }]).map((each) => each),
    ...cycles(ordered),
  };
}

function cycles(ordered: Ordered): Record<string, unknown> {
  const ring: Record<string, unknown> = {};
  for (const key of ordered(["name", "self", "list"])) {
    ring[key] = key === "name" ? "ring" : key === "self" ? ring : [ring];
  }
  const [parent, left, right] = [{ children: new Set<object>() }, { at: "left" }, { at: "right" }];
  for (const child of ordered([left, right])) {
    parent.children.add(Object.assign(child, { parent }));
  }
  const list: unknown[] = [];
  list.push(list);
  return { ring, tree: parent, "list of itself": list, "list of a list of itself": [[list, 1]] };
}

/** Values that all differ, each made with its members put in forwards or backwards. */
export function tokenValues(backwards: boolean): Record<string, unknown> {
  const ordered: Ordered = (items) => (backwards ? items.toReversed() : items);
  return { ...primitives, ...builtIns, ...lists, ...withOrder(ordered) };
}
