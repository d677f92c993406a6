/** Kinds of values from the lowest: values of different kinds are never compared by content. */
const ranks = {
  nothing: 0,
  noNumber: 1,
  boolean: 2,
  number: 3,
  date: 4,
  text: 5,
  list: 6,
  other: 7,
} as const;

function rank(value: unknown): number {
  if (typeof value === "number") return Number.isNaN(value) ? ranks.noNumber : ranks.number;
  if (typeof value === "string") return ranks.text;
  if (typeof value === "bigint") return ranks.number;
  if (typeof value === "boolean") return ranks.boolean;
  if (value === undefined || value === null) return ranks.nothing;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? ranks.noNumber : ranks.date;
  return Array.isArray(value) ? ranks.list : ranks.other;
}

/** True of what ranks below all values: null, undefined, NaN and invalid dates. */
export function isMissing(value: unknown): boolean {
  return rank(value) <= ranks.noNumber;
}

/**
 * Negative if `a` comes before `b`, 0 if they rank alike. From low to high: null and undefined, NaN and invalid dates,
 * booleans, numbers and bigints, dates, strings (by code units), arrays (item by item), and anything else, all alike.
 */
export function compareKeys(a: unknown, b: unknown): number {
  const byKind = rank(a) - rank(b);
  if (byKind !== 0) return byKind;
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b);
  // Of what ranks alike but cannot be compared nothing is less.
  return rank(a) === ranks.other ? 0 : sign(a, b);
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
