import fs from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { bundledImport } from "./bundle/open-bundle.ts";
import { filePath, withoutQuery } from "./file-origin.ts";
import { localModule } from "./local-module.ts";
import type { ImportBinding } from "./module-bindings.ts";
import { moduleFile } from "./module-file.ts";
import { packageFileIdentity, packageIdentity } from "./package-identity.ts";

/** The module that an import names. */
export interface ImportTarget {
  /** What the emitted code imports, from a module that has the user's URL. */
  readonly specifier: string;
  /** Equal for equal code on every machine: built-in name, package and version, or hash of a local module. */
  readonly identity: string;
  readonly kind: "built-in" | "package" | "local";
  /** Importing it runs the file that the program was started with. */
  readonly runsEntry?: boolean;
}

const targets = new Map<string, ImportTarget>();

/** What `binding` names in the module at `url`. */
export function importTarget(
  binding: Pick<ImportBinding, "specifier" | "how">,
  url: string,
): ImportTarget {
  const key = `${binding.how}\0${binding.specifier}\0${url}`;
  let target = targets.get(key);
  if (!target) {
    target = resolve(binding, url);
    targets.set(key, target);
  }
  return target;
}

function resolve(binding: Pick<ImportBinding, "specifier" | "how">, url: string): ImportTarget {
  const { specifier, how } = binding;
  const bundled = bundledImport(how === "require" ? "require" : "import", specifier, url);
  if (bundled) return { specifier, identity: bundled.identity, kind: bundled.target };
  if (isBuiltin(specifier)) {
    const id = specifier.startsWith("node:") ? specifier : `node:${specifier}`;
    return { specifier: id, identity: id, kind: "built-in" };
  }
  const file = binding.how === "vite" ? viteFile(specifier) : moduleFile(specifier, url);
  if (file === undefined) {
    return { specifier, identity: packageIdentity(specifier, url), kind: "package" };
  }
  const asWritten = binding.how === "vite" ? pathToFileURL(file).href : specifier;
  if (file.includes("/node_modules/")) {
    return { specifier: asWritten, identity: packageFileIdentity(file), kind: "package" };
  }
  const { identity, runsEntry } = localModule(file);
  return { specifier: asWritten, identity, kind: "local", runsEntry };
}

/** The file that vite means: it names files from its root, or from that of the file system behind `/@fs`. */
export function viteFile(specifier: string): string | undefined {
  if (specifier.startsWith("file:")) return filePath(specifier);
  if (specifier.startsWith("/@fs/")) return withoutQuery(specifier.slice(4));
  if (!specifier.startsWith("/")) return undefined;
  const worker = Reflect.get(globalThis, "__vitest_worker__") as
    | { readonly config?: { readonly root?: string } }
    | undefined;
  const inRoot = path.join(worker?.config?.root ?? process.cwd(), withoutQuery(specifier));
  return fs.existsSync(inRoot) ? inRoot : withoutQuery(specifier);
}
