/** Kinds of values from the lowest: values of different kinds are never compared by content. */
const ranks = {
  nothing: 0,
  noNumber: 1,
  boolean: 2,
  number: 3,
  date: 4,
  text: 5,
  other: 6,
} as const;

function rank(value: unknown): number {
  if (typeof value === "number") return Number.isNaN(value) ? ranks.noNumber : ranks.number;
  if (typeof value === "string") return ranks.text;
  if (typeof value === "bigint") return ranks.number;
  if (typeof value === "boolean") return ranks.boolean;
  if (value === undefined || value === null) return ranks.nothing;
  return value instanceof Date ? ranks.date : ranks.other;
}

/** True of what ranks below all values: null, undefined and NaN. */
export function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(value);
}

/**
 * Negative if `a` comes before `b`, 0 if they rank alike. From low to high: null and undefined, NaN, booleans, numbers
 * and bigints, dates, strings (by code units), arrays (item by item). Anything else ranks alike.
 */
export function compareKeys(a: unknown, b: unknown): number {
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  return typeof a === "object" && !(a instanceof Date) ? 0 : sign(a, b);
}

/** `<` and `>` compare numbers with bigints exactly, and dates by time. */
function sign(a: unknown, b: unknown): number {
  const [left, right] = [a as number, b as number]; // Of one comparable kind: `rank` said so.
  return left < right ? -1 : left > right ? 1 : 0;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compareKeys(a[i], b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
