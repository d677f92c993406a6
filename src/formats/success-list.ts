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

/** True for the path or URL of the list of a result's files, here or as Hadoop and Spark leave one: it holds no records. */
export function isList(file: string): boolean {
  return /(^|[/\\])_success(-[^/\\]*)?$/i.test(file);
}

/** What a pattern found, without lists of results: those are read only where they are named. */
export function withoutLists<T extends { readonly url: string }>(
  pattern: string,
  files: readonly T[],
): readonly T[] {
  return isList(pattern) ? files : files.filter(({ url }) => !isList(url));
}
