/** Kinds of values from the lowest: values of different kinds are never compared by content. */
function rank(value: unknown): number {
  switch (typeof value) {
    case "undefined":
      return 0;
    case "boolean":
      return 2;
    case "number":
      return Number.isNaN(value) ? 1 : 3;
    case "bigint":
      return 3;
    case "string":
      return 5;
    default:
      return value === null ? 0 : value instanceof Date ? 4 : 6;
  }
}

/**
 * Negative if `a` comes before `b`, 0 if they rank alike. From low to high: null and undefined, NaN, booleans, numbers
 * and bigints, dates, strings (by code units), arrays (item by item). Anything else ranks alike.
 */
export function compareKeys(a: unknown, b: unknown): number {
  const ranks = rank(a) - rank(b);
  if (ranks !== 0) return ranks;
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
