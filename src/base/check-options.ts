import { badArgument, LambdaskError } from "./errors.ts";

/**
 * `options` as a record, `{}` if it is undefined. Anything but a plain record and any name that is not in `known`
 * is a BAD_ARGUMENT error that names `where`, the option, and the known name that looks like it.
 */
export function checkOptions<T extends object>(
  where: string,
  options: T | undefined,
  known: readonly (keyof T & string)[],
): T {
  if (options === undefined) return {} as T; // Every option record has optional fields only.
  const given: unknown = options; // What plain JavaScript passes may be anything.
  if (!isPlainRecord(given)) throw badArgument(where, "a plain record of options", given);
  const names: readonly string[] = known;
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) throw unknownOption(where, name, names);
  }
  return options;
}

/**
 * True for a record of this realm or another. What has a class or a prototype of its own may say things that its own
 * fields do not: a Map of options, a promise of them or a signal in their place would go for no options at all.
 */
export function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unknownOption(where: string, name: string, known: readonly string[]): LambdaskError {
  const similar = mostSimilar(name, known);
  const list =
    known.length === 0 ? "leave it out: there are no options" : `use one of: ${known.join(", ")}`;
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: unknown option "${name}"`,
    fix: similar ? `did you mean "${similar}"?` : list,
    data: { where, option: name, known },
  });
}

/** The name at most two edits (or a difference of case) away from `name`, if there is one. */
export function mostSimilar(name: string, known: readonly string[]): string | undefined {
  const close = (other: string): number => edits(name.toLowerCase(), other.toLowerCase());
  return known
    .filter((other) => close(other) <= Math.min(2, Math.ceil(name.length / 3)))
    .sort((a, b) => close(a) - close(b))[0];
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** `value` if it is a whole number from `min` to `max`; a BAD_ARGUMENT error that names `where` if not. */
export function wholeNumber(
  where: string,
  value: unknown,
  { min, max = Number.MAX_SAFE_INTEGER }: { readonly min: number; readonly max?: number },
): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max) {
    return value;
  }
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  throw badArgument(where, `a whole number ${upTo}`, value);
}
