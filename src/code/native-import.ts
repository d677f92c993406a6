import module from "node:module";
import { codeHash } from "./code-hash.ts";
import { codeMarker } from "./file-origin.ts";
import { serveText } from "./served-texts.ts";

type Import = (url: string) => Promise<Record<string, unknown>>;
let importing: Import | undefined;

/** Node's own `import()`. */
export function nativeImport(url: string): Promise<Record<string, unknown>> {
  importing ??= findImport();
  return importing(url);
}

/** vite and bundlers replace the `import()` of the modules they load; then a module that is served has the real one. */
function findImport(): Import {
  const here: Import = (url) => import(url);
  if (/(^|[^\w$])import\(/.test(here.toString())) return here;
  const text = "export const load = (url) => import(url);";
  const hash = codeHash(text, import.meta.url);
  serveText(hash, text);
  const require = module.createRequire(import.meta.url);
  const url = `${new URL("native-import.mjs", import.meta.url).href}?${codeMarker}${hash}`;
  return (require(url) as { load: Import }).load;
}
