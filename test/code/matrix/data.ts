import { CaseList, type MatrixCase } from "./case.ts";

const list = new CaseList();

/** Captured data of every kind. */
export const dataCases: readonly MatrixCase[] = list.cases;

const longArray = Array.from({ length: 100_000 }, (_v, i) => i * 1.5);
const longFloats = new Float64Array(1_000_000).map((_v, i) => i);
interface Cyclic {
  name: string;
  list: unknown[];
  nested: { d: Date };
  self?: Cyclic;
  fn?: () => number;
}
const sparse: unknown[] = [1];
sparse[2] = 3;
const cyclic: Cyclic = { name: "c", list: sparse, nested: { d: new Date(86_400_000) } };
cyclic.self = cyclic;
cyclic.fn = () => cyclic.name.length;

list.works("Map, Set, Date, BigInt, RegExp", () => {
  const m = new Map<unknown, unknown>([
    ["a", { q: 1 }],
    [1n, new Set([1, 2])],
  ]);
  const d = new Date(1e12);
  const r = /a(b)/gi;
  const big = 12345678901234567890n;
  return () => [
    Reflect.get(Object(m.get("a")), "q"),
    m.get(1n),
    d.toISOString(),
    "xABx".replace(r, "$1"),
    big * 2n,
  ];
});
list.works("typed arrays and Buffer", () => {
  const f = new Float32Array([1.5, 2]);
  const b = Buffer.from("hey");
  const ab = new Uint8Array([1, 2, 3]).buffer;
  const dv = new DataView(new ArrayBuffer(8));
  dv.setInt16(2, 7);
  return () => [
    f[0],
    f instanceof Float32Array,
    b.toString(),
    Buffer.isBuffer(b),
    new Uint8Array(ab)[2],
    dv.getInt16(2),
  ];
});
list.works("odd primitives", () => {
  const a = [Number.NaN, -0, Infinity, undefined, null, Symbol.for("k"), Symbol.iterator] as const;
  return () => [
    Number.isNaN(a[0]),
    Object.is(a[1], -0),
    a[2],
    a[3],
    a[4],
    Symbol.keyFor(a[5]),
    a[6] === Symbol.iterator,
  ];
});
list.works("null prototype, frozen, sparse, cyclic", () => {
  const n = Object.assign(Object.create(null) as object, { k: 1 });
  const fz = Object.freeze({ a: 1 });
  return () => [
    Object.getPrototypeOf(n),
    n.k,
    Object.isFrozen(fz),
    1 in cyclic.list,
    cyclic.self === cyclic,
    cyclic.fn?.(),
    cyclic.nested.d.getTime(),
  ];
});
list.works("URL and URLSearchParams", () => {
  const u = new URL("http://h/p?q=1");
  const s = new URLSearchParams("a=1&a=2");
  return () => [u.searchParams.get("q"), u.host, s.getAll("a")];
});
list.refused(
  "unique symbol",
  () => {
    const s = Symbol("u");
    return () => s.description;
  },
  /`s`[\s\S]*fix: use Symbol\.for\("u"\)/,
);
list.works("long array", () => (i: number) => (longArray[i] ?? 0) + longArray.length, [10]);
list.works(
  "long Float64Array",
  () => (i: number) => (longFloats[i] ?? 0) + longFloats.length,
  [10],
);
