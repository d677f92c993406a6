import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { types } from "node:util";
import { LambdaskError } from "../base/errors.ts";
import { systemCode } from "../base/system-code.ts";
import { fileVariable } from "./environment.ts";
import { type Layer, layerOf } from "./layer.ts";

/** The file that is looked for in the working directory. */
const configFileName = "lambdask.config.ts";

const none: Layer = new Map();
/** By path, since a file is read once. */
const loaded = new Map<string, Layer>();

/** What the configuration file says: the one that LAMBDASK_CONFIG names, else the one in the working directory. */
export function inConfigFile(): Layer {
  const named = process.env[fileVariable];
  const file = path.resolve(named || configFileName);
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const layer = read(file, named ? "named" : "found");
  loaded.set(file, layer);
  return layer;
}

function read(file: string, how: "named" | "found"): Layer {
  if (existsSync(file)) {
    // Node takes a file of any other name for JavaScript, and finds nothing in much YAML.
    if (!/\.(?:[cm]?[jt]s|json)$/.test(file)) throw noModule(file);
    return layerOf(file, exportOf(file));
  }
  if (how === "found") return none;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `${fileVariable}: there is no file ${file}`,
    fix: "correct the path, or unset the variable",
    data: { where: fileVariable },
  });
}

function noModule(file: string): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${fileVariable}: ${file} is no file of TypeScript, JavaScript or JSON`,
    fix: "name a file that ends in .ts, .js or .json",
    data: { where: fileVariable },
  });
}

function exportOf(file: string): unknown {
  const exported = load(file);
  if (exported.default !== undefined) return exported.default;
  throw new LambdaskError("BAD_ARGUMENT", {
    message: `${file}: it has no default export`,
    fix: "write `export default { … } satisfies Settings`",
    data: { where: file },
  });
}

/** Loads a module now: what a program says after `connect` must not wait for it. Node strips its types. */
function load(file: string): { readonly default?: unknown } {
  try {
    const loaded: unknown = createRequire(import.meta.url)(file);
    // JSON and CommonJS files are what they export.
    return isModule(loaded) ? loaded : { default: loaded };
  } catch (error) {
    throw cannotLoad(file, error);
  }
}

function isModule(value: unknown): value is { readonly default?: unknown } {
  if (types.isModuleNamespaceObject(value)) return true;
  return typeof value === "object" && value !== null && "__esModule" in value;
}

function cannotLoad(file: string, error: unknown): LambdaskError {
  const waits = systemCode(error) === "ERR_REQUIRE_ASYNC_MODULE";
  const [firstLine = ""] = String(error instanceof Error ? error.stack : "").split("\n");
  const line = /^(?:file:\/\/)?(\/.*:\d+)$/.exec(firstLine)?.[1];
  const place = line === undefined ? file : decodeURI(line);
  return new LambdaskError("BAD_ARGUMENT", {
    message: waits
      ? `${file}: a configuration cannot await at its top level`
      : `${place}: the configuration cannot be loaded: ${String(error)}`,
    fix: waits
      ? "read what it needs synchronously, or pass it to connect"
      : "mend the file, or move it away: it is not needed",
    cause: error,
    data: { where: file },
  });
}
