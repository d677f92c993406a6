import module from "node:module";
import { pathToFileURL } from "node:url";
import type { CodeModule } from "../backend/shipped-function.ts";
import type { ContentName } from "../base/ids.ts";
import { codeHash } from "./code-hash.ts";
import { codeMarker, withoutQuery } from "./file-origin.ts";
import { mismatch } from "./mismatch.ts";

const markedUrl = /[?&]lambdask=([0-9a-f]{32})$/;

/** Texts of code modules by hash, for the hooks. */
const texts = new Map<string, string>();
const loading = new Map<ContentName, Promise<unknown>>();

type Import = (url: string) => Promise<Record<string, unknown>>;
let importing: Import | undefined;

/** The hooks serve captured code under the URL of the user's file, so that its imports resolve as they do there. */
function hook(): void {
  module.registerHooks({
    resolve: (specifier, context, next) =>
      textAt(specifier) === undefined
        ? next(specifier, context)
        : { url: specifier, format: "module", shortCircuit: true },
    load: (url, context, next) => {
      const source = textAt(url);
      return source === undefined
        ? next(url, context)
        : { format: "module", source, shortCircuit: true };
    },
  });
}

/**
 * Node's own `import()`. vite and bundlers replace the `import()` of the modules they load; then it is taken from a
 * module that the hooks serve.
 */
function nativeImport(): Import {
  hook();
  const here: Import = (url) => import(url);
  if (/(^|[^\w$])import\(/.test(here.toString())) return here;
  const text = "export const load = (url) => import(url);";
  const hash = codeHash(text, import.meta.url);
  texts.set(hash, text);
  const require = module.createRequire(import.meta.url);
  const url = `${new URL("native-import.mjs", import.meta.url).href}?${codeMarker}${hash}`;
  return (require(url) as { load: Import }).load;
}

function textAt(url: string): string | undefined {
  const hash = markedUrl.exec(url)?.[1];
  return hash === undefined ? undefined : texts.get(hash);
}

/** Loads `code` once per process and gives its default export; MISMATCH if its text is not what its hash says. */
export function loadCode(code: CodeModule): Promise<unknown> {
  let loaded = loading.get(code.hash);
  if (!loaded) {
    loaded = load(code);
    loading.set(code.hash, loaded);
    // A module that could not be loaded (a package is missing) is tried again by the next task.
    loaded.catch(() => loading.delete(code.hash));
  }
  return loaded;
}

async function load({ hash, text, url }: CodeModule): Promise<unknown> {
  if (codeHash(text, url) !== hash) {
    throw mismatch(`the code of ${url} is not what its hash ${hash} says`);
  }
  importing ??= nativeImport();
  texts.set(hash, text);
  if (text.includes("\n//# sourceMappingURL=data:")) showOriginalPositions();
  const loaded = await importing(`${fileUrl(url)}?${codeMarker}${hash}`);
  texts.delete(hash);
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
