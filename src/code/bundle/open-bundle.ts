import module from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { LambdaskError } from "../../base/errors.ts";
import type { ContentName } from "../../base/ids.ts";
import { withoutQuery } from "../file-origin.ts";
import type { ImportedThing } from "../imported-thing.ts";
import { nativeImport } from "../native-import.ts";
import {
  type BundledImport,
  bundleFolder,
  decodeBundle,
  type ImportBundle,
  type ImportKind,
  packageSpecifier,
  requestKey,
  urlInProgram,
  userFolder,
} from "./bundle-format.ts";

/** A bundle of imports that this process can import from. */
export interface OpenBundle {
  /** Where code that imports from the bundle must seem to lie: the user's file, in the bundle's folder. */
  urlOf(userUrl: string): string;
  /** Gets ready what the user's file imports. */
  prepare(userUrl: string): Promise<void>;
}

/** Ends the name of the module that shows a file without exports of its own as Node would. */
const wholeEnding = ".whole.js";

class Opened implements OpenBundle {
  readonly folder: string;
  readonly #imports = new Map<string, BundledImport>();
  readonly #byFile = new Map<string, BundledImport[]>();
  readonly #files: Readonly<Record<string, string>>;
  readonly #loaded = new Set<string>();
  /** Names that whole values are imported by. */
  readonly #names = new Map<string, readonly string[]>();

  constructor(bundle: ImportBundle) {
    const { imports, files } = decodeBundle(bundle);
    this.folder = pathToFileURL(path.join(os.tmpdir(), bundleFolder(bundle.hash), "/")).href;
    this.#files = files;
    for (const one of imports) {
      this.#imports.set(requestKey(one), one);
      const others = this.#byFile.get(one.from);
      if (others) others.push(one);
      else this.#byFile.set(one.from, [one]);
    }
  }

  urlOf(userUrl: string): string {
    return `${this.folder}${userFolder}${userUrl.replace(/^file:\/\/\/?/, "")}`;
  }

  async prepare(userUrl: string): Promise<void> {
    for (const { file, isWhole } of this.#byFile.get(userUrl) ?? []) {
      if (!isWhole || this.#names.has(file)) continue;
      const { default: whole } = await nativeImport(this.folder + file);
      const isObject = (typeof whole === "object" || typeof whole === "function") && whole !== null;
      this.#names.set(file, isObject ? Object.keys(whole) : []);
    }
  }

  /** What code in the bundle's folder means by `specifier`. */
  find(kind: ImportKind, specifier: string, parent: string): BundledImport | undefined {
    return this.#imports.get(requestKey({ kind, specifier, from: urlInProgram(parent) }));
  }

  resolve(kind: ImportKind, specifier: string, parent: string): string | undefined {
    const found = this.find(kind, specifier, parent);
    if (found) return this.folder + found.file + (found.isWhole ? wholeEnding : "");
    if (!URL.canParse(specifier, parent)) return undefined;
    const { href } = new URL(specifier, parent);
    return this.#fileAt(href) === undefined ? undefined : href;
  }

  /** The import that gives `value`, of those that were loaded. */
  exporting(value: object): { readonly found: BundledImport; readonly path: string[] } | undefined {
    for (const found of this.#imports.values()) {
      if (!this.#loaded.has(found.file)) continue;
      const exported = this.#namespace(found);
      if (found.isWhole && exported["default"] === value) return { found, path: ["default"] };
      const holder = Object(found.isWhole ? exported["default"] : exported) as object;
      const name = Object.keys(holder).find((key) => Reflect.get(holder, key) === value);
      if (name !== undefined) return { found, path: [name] };
    }
    return undefined;
  }

  #namespace({ file }: BundledImport): Record<string, unknown> {
    try {
      const require = module.createRequire(import.meta.url);
      return require(this.folder + file) as Record<string, unknown>;
    } catch {
      return {}; // It awaits something while it loads, so it cannot be asked at once.
    }
  }

  #fileAt(url: string): string | undefined {
    if (!url.startsWith(this.folder)) return undefined;
    const name = withoutQuery(url.slice(this.folder.length));
    return Object.hasOwn(this.#files, name) ? name : undefined;
  }

  source(url: string): string | undefined {
    if (url.endsWith(wholeEnding)) {
      const file = this.#fileAt(url.slice(0, -wholeEnding.length));
      return file === undefined ? undefined : this.#wholeText(file);
    }
    const file = this.#fileAt(url);
    if (file === undefined) return undefined;
    this.#loaded.add(file);
    return this.#files[file];
  }

  /** As Node shows a CommonJS module: its value, and what the value holds by name. */
  #wholeText(file: string): string {
    const names = (this.#names.get(file) ?? []).filter(
      (name) => name !== "default" && name !== "module.exports",
    );
    const constants = names.map((name, i) => {
      const text = JSON.stringify(name);
      return `const v${i}=whole[${text}];export{v${i} as ${text}};`;
    });
    return [
      `import whole from${JSON.stringify(this.folder + file)};`,
      'export{whole as default,whole as "module.exports"};',
      ...constants,
    ].join("\n");
  }
}

const opened = new Map<ContentName, Opened>();

/** Lets code of this process import from `bundle`; MISMATCH if it is not what its hash says. */
export function openBundle(bundle: ImportBundle): OpenBundle {
  let open = opened.get(bundle.hash);
  if (!open) {
    open = new Opened(bundle);
    if (opened.size === 0) hook();
    opened.set(bundle.hash, open);
  }
  return open;
}

/** The import of a bundle that `specifier` is, for code that lies in its folder. */
export function bundledImport(
  kind: ImportKind,
  specifier: string,
  parent: string,
): BundledImport | undefined {
  return bundleAt(parent)?.find(kind, specifier, withoutQuery(parent));
}

/** How a bundle exports `fn`, which is written in a file of it. */
export function exportedByBundle(fn: object, url: string): ImportedThing | undefined {
  const open = bundleAt(url);
  const exported = open?.exporting(fn);
  if (!open || !exported) return undefined;
  const { kind, specifier, from } = exported.found;
  return {
    binding: { specifier, imported: "*", how: kind },
    url: open.urlOf(from),
    path: exported.path,
  };
}

function bundleAt(url: string): Opened | undefined {
  for (const open of opened.values()) if (url.startsWith(open.folder)) return open;
  return undefined;
}

function hook(): void {
  module.registerHooks({
    resolve: (specifier, context, next) => {
      const parent = context.parentURL ?? "";
      const open = bundleAt(specifier) ?? bundleAt(parent);
      if (!open || module.isBuiltin(specifier) || /[?&]lambdask=/.test(specifier)) {
        return next(specifier, context);
      }
      const kind = context.conditions.includes("require") ? "require" : "import";
      const url = open.resolve(kind, specifier, withoutQuery(parent));
      if (url === undefined) {
        const file = outside(specifier, parent);
        return next(kind === "require" ? file : pathToFileURL(file).href, context);
      }
      return { url, format: "module", shortCircuit: true, importAttributes: {} };
    },
    load: (url, context, next) => {
      const source = /[?&]lambdask=/.test(url) ? undefined : bundleAt(url)?.source(url);
      return source === undefined
        ? next(url, context)
        : { format: "module", source, shortCircuit: true };
    },
  });
}

/** The file of a package that the bundle leaves to the worker, where it was installed by other means. */
function outside(specifier: string, parent: string): string {
  try {
    return module.createRequire(import.meta.url).resolve(packageSpecifier(specifier));
  } catch {
    throw new LambdaskError("MISMATCH", {
      message: `${specifier}, which ${urlInProgram(parent)} imports, is neither in the bundle nor installed in the worker`,
      fix: "install it where the worker runs (a Lambda layer), or let it be bundled",
    });
  }
}
