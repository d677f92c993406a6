/** The names of files around the number of the part, or what stands for it. */
export interface WritePattern {
  readonly prefix: string;
  readonly suffix: string;
}

/** Every pattern has a list of its own: other files beside them may be another result. */
export function listUrl({ prefix, suffix }: WritePattern): string {
  const name = prefix.lastIndexOf("/") + 1;
  return `${prefix.slice(0, name)}_success-${prefix.slice(name)}N${suffix}.json`;
}

/** True for a path, URL or pattern whose name begins as that of a list: a result's own files may not. */
export function isNamedAsList(file: string): boolean {
  return /(^|[/\\])_success(-[^/\\]*)?$/i.test(file);
}

/** What a pattern found, without lists of results: those are read only where they are named. */
export function withoutLists<T extends { readonly url: string }>(
  pattern: string,
  files: readonly T[],
): readonly T[] {
  return isNamedAsList(pattern) ? files : files.filter(({ url }) => !isList(url));
}

/** True for the list of a result's files, here or as Hadoop and Spark leave one: it holds no records. Other names are the user's. */
function isList(url: string): boolean {
  return /(^|\/)(_SUCCESS|_success-[^/]*N[^/]*\.json)$/.test(url);
}
