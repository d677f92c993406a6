import module from "node:module";
import { pathToFileURL } from "node:url";
import type { CodeModule } from "../backend/shipped-function.ts";
import { askingFile } from "./bundle/bundle-format.ts";
import type { OpenBundle } from "./bundle/open-bundle.ts";
import { codeHash } from "./code-hash.ts";
import { codeMarker, withoutQuery } from "./file-origin.ts";
import { mismatch } from "./mismatch.ts";
import { nativeImport } from "./native-import.ts";
import { dropText, serveText } from "./served-texts.ts";

const loading = new Map<string, Promise<unknown>>();

/**
 * Loads `code` once per process (and bundle, if its imports come from one) and gives its default export; MISMATCH if
 * its text is not what its hash says.
 */
export function loadCode(code: CodeModule, bundle?: OpenBundle): Promise<unknown> {
  const url = moduleUrl(code, bundle);
  let loaded = loading.get(url);
  if (!loaded) {
    loaded = load(code, url, bundle);
    loading.set(url, loaded);
    // A module that could not be loaded (a package is missing) is tried again by the next task.
    loaded.catch(() => loading.delete(url));
  }
  return loaded;
}

function moduleUrl({ hash, url }: CodeModule, bundle: OpenBundle | undefined): string {
  return `${bundle ? bundle.urlOf(askingFile(url)) : fileUrl(url)}?${codeMarker}${hash}`;
}

async function load(
  { hash, text, url }: CodeModule,
  at: string,
  bundle: OpenBundle | undefined,
): Promise<unknown> {
  if (codeHash(text, url) !== hash) {
    throw mismatch(`the code of ${url} is not what its hash ${hash} says`);
  }
  await bundle?.prepare(askingFile(url));
  if (text.includes("\n//# sourceMappingURL=data:")) showOriginalPositions();
  serveText(hash, text);
  const loaded = await nativeImport(at);
  dropText(hash);
  return loaded["default"];
}

function fileUrl(url: string): string {
  // Code typed into a REPL or given to `node -e` has no file.
  if (!url.startsWith("file:")) return `${pathToFileURL(process.cwd()).href}/typed-in.mjs`;
  return withoutQuery(url);
}

/** Compiled code brings its source map along. */
function showOriginalPositions(): void {
  module.setSourceMapsSupport(true, { nodeModules: false, generatedCode: false });
}
