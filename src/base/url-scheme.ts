const form = /^([a-z][a-z0-9+.-]+):\/\//i;

/** The scheme of a URL in lower case: `s3` of `s3://bucket/key`; `undefined` for a path, also for `C:\data`. */
export function urlScheme(text: string): string | undefined {
  return form.exec(text)?.[1]?.toLowerCase();
}
