import type { Metafile } from "esbuild";

/** What is known of a file before it is joined with others, or after: what it imports. */
type Files = Readonly<Record<string, { readonly imports: Metafile["outputs"][string]["imports"] }>>;

/** What is said of some files; the rest follows from what files import. */
export interface JoinRules {
  /** Files that are imported or started by name. */
  readonly entries: readonly string[];
  /** What it loads at once is in few files. */
  readonly main: string;
  /** What starts without that: a command that only helps, and apps of the CDK. */
  readonly light: readonly string[];
  /** Their functions go along with the user's. Capturing one reads its whole file, which therefore holds little else. */
  readonly travelling: readonly string[];
}

/** What makes esbuild join files as the rules say. */
export interface Joining {
  /** Files that load `main` besides what they import. */
  readonly loading: ReadonlySet<string>;
  /** What needs nothing that travels. */
  readonly below: readonly string[];
}

/**
 * esbuild puts two files together if the same entries and `import()`s need both. So
 *
 * - whatever is loaded besides `main`, which needs most of it anyway, needs all of what `main` loads at once: else there
 *   would be a file for each part of it that something needs.
 * - one more entry needs only what travels, and another one all that does not need that: so what travels is apart from
 *   what it uses and from what uses it.
 */
export function joinedBy(rules: JoinRules, files: Files): Joining {
  const started = new Set([...rules.entries, ...importedLater(files)]);
  const apart = new Set(
    [rules.main, ...rules.light].flatMap((file) => [...loadedWith(file, files)]),
  );
  const loading = new Set([...started].filter((file) => !apart.has(file)));
  const above = new Set([...started, ...rules.travelling]);
  const below = Object.keys(files).filter((file) => loadedWith(file, files).isDisjointFrom(above));
  return { loading, below };
}

/** What is loaded by `import()`. */
function importedLater(files: Files): string[] {
  return Object.values(files)
    .flatMap((file) => file.imports)
    .filter((one) => one.kind === "dynamic-import" && !one.external)
    .map((one) => one.path);
}

/** The files that are loaded at once with one of them. */
export function loadedWith(file: string, files: Files): Set<string> {
  const found = new Set([file]);
  for (const at of found) {
    for (const one of files[at]?.imports ?? []) {
      if (one.kind === "import-statement" && !one.external) found.add(one.path);
    }
  }
  return found;
}
