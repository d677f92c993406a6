import { registerHooks } from "node:module";

/** A change of one source when it is loaded: `text`, which must be there once, becomes `replacement`. */
export interface SourcePatch {
  /** Below `src/`. */
  readonly file: string;
  readonly text: string;
  readonly replacement: string;
}

/** Has `patch` made in this process; the process fails if it does not apply. */
export function patchSource({ file, text, replacement }: SourcePatch): void {
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/src/${file}`)) return loaded;
      const source = Buffer.from(loaded.source as Uint8Array | string).toString();
      if (source.split(text).length !== 2) throw new Error(`src/${file} does not hold: ${text}`);
      return { ...loaded, source: source.replace(text, () => replacement) };
    },
  });
}
