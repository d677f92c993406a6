import path from "node:path";
import type { BuildOptions, BuildResult, Message, Metafile } from "esbuild";
import type { ShippedFunction } from "../../backend/shipped-function.ts";
import { LambdaskError } from "../../base/errors.ts";
import { importTarget } from "../import-target.ts";
import {
  type BundledImport,
  encodeBundle,
  type ImportBundle,
  type ImportRequest,
  packageSpecifier,
  requestKey,
} from "./bundle-format.ts";
import { findAddons, refuseAssets } from "./bundle-refusals.ts";
import { rememberMaps } from "./bundle-stack.ts";
import { loadEsbuild } from "./esbuild.ts";
import { importRequests } from "./module-imports.ts";
import { nodeResolution } from "./node-resolution.ts";
import { resolveRequests } from "./resolve-requests.ts";

/** How a bundle is made. */
export interface BundleOptions {
  /** Packages that the worker has by other means, as a Lambda layer. */
  readonly external?: readonly string[];
}

/** Bundles by the set of what is in them. */
const made = new Map<string, Promise<ImportBundle>>();
const madeMax = 50;

/**
 * One bundle of everything that `functions` import, packages and modules of the user's project alike, for workers that
 * have neither. Equal sets of imports share one. `undefined` if only Node's own modules are imported.
 */
export function bundleImports(
  functions: readonly ShippedFunction[],
  options: BundleOptions = {},
): Promise<ImportBundle> | undefined {
  const requests = new Map<string, ImportRequest>();
  for (const { modules } of functions) {
    for (const module of modules) {
      for (const request of importRequests(module)) requests.set(requestKey(request), request);
    }
  }
  if (requests.size === 0) return undefined;
  const sorted = [...requests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, request]) => request);
  const identities = sorted.map(
    (request) => `${requestKey(request)}\0${identityOf(request).identity}`,
  );
  const key = [...identities, ...(options.external ?? [])].join("\n");
  let bundle = made.get(key);
  if (!bundle) {
    bundle = bundleOf(sorted, options.external ?? []);
    made.set(key, bundle);
    bundle.catch(() => made.delete(key));
    const [oldest] = made.keys();
    if (made.size > madeMax && oldest !== undefined) made.delete(oldest);
  }
  return bundle;
}

function identityOf({ kind, specifier, from }: ImportRequest): ReturnType<typeof importTarget> {
  return importTarget({ specifier, how: kind }, from);
}

async function bundleOf(
  requests: readonly ImportRequest[],
  external: readonly string[],
): Promise<ImportBundle> {
  const wanted = requests.filter(({ specifier }) => !isExternal(specifier, external));
  const files = await resolveRequests(wanted);
  const names = new Map([...new Set(files)].map((file, i) => [file, `m${i}`]));
  const built = await build([...names], external);
  const wholes = wholeFiles(built.metafile, names);
  const imports = wanted.map((request, i): BundledImport => {
    const file = `${names.get(files[i] ?? "")}.js`;
    const { identity, kind } = identityOf(request);
    const target = kind === "local" ? "local" : "package";
    return { ...request, file, isWhole: wholes.has(file), identity, target };
  });
  const texts: [string, string][] = [];
  const maps = new Map<string, string>();
  for (const { path: file, text } of built.outputFiles) {
    const name = path.basename(file);
    if (name.endsWith(".map")) maps.set(name.slice(0, -".map".length), text);
    else texts.push([name, text]);
  }
  const bundle = encodeBundle({ imports, files: Object.fromEntries(texts) });
  rememberMaps(bundle.hash, maps);
  return bundle;
}

function isExternal(asked: string, external: readonly string[]): boolean {
  const specifier = packageSpecifier(asked);
  return external.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

/** esbuild's own way of naming files in its reports; the maps name sources relative to it. */
const outputFolder = path.resolve("/lambdask-bundle");

type Built = BuildResult<{ write: false; metafile: true }>;

async function build(
  entries: readonly (readonly [file: string, name: string])[],
  external: readonly string[],
): Promise<Built> {
  const esbuild = await loadEsbuild();
  const addons = findAddons();
  const options = {
    ...nodeResolution,
    absWorkingDir: path.resolve("/"),
    entryPoints: entries.map(([file, name]) => ({ in: file, out: name })),
    outdir: outputFolder,
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: "esm",
    target: "node24",
    minify: true,
    keepNames: true,
    legalComments: "none",
    sourcemap: "external",
    sourcesContent: false,
    logLevel: "silent",
    // Packages made for CommonJS load built-in modules by `require`.
    banner: {
      js: 'import{createRequire as $lambdaskRequire}from"node:module";const require=$lambdaskRequire(import.meta.url);',
    },
    plugins: [addons.plugin],
  } as const satisfies BuildOptions & { write: false; metafile: true };
  const built = await esbuild
    .build({ ...options, external: [...external] })
    .catch((cause: unknown) => {
      throw cannotBundle(cause);
    });
  addons.refuse(built.metafile);
  await refuseAssets(built.metafile);
  return built;
}

/** CommonJS and JSON have one value in place of exports. */
function wholeFiles(metafile: Metafile, names: ReadonlyMap<string, string>): Set<string> {
  const found = new Set<string>();
  for (const [input, { format }] of Object.entries(metafile.inputs)) {
    const name = names.get(path.resolve("/", input));
    if (name !== undefined && (format === "cjs" || input.endsWith(".json")))
      found.add(`${name}.js`);
  }
  return found;
}

function cannotBundle(cause: unknown): LambdaskError {
  const messages = (cause as { errors?: readonly Message[] }).errors ?? [];
  const [first] = messages;
  if (!first) {
    return new LambdaskError("BUG", { message: "esbuild failed without saying why", cause });
  }
  const { text, location } = first;
  const at = location
    ? ` (${path.resolve("/", location.file)}:${location.line}:${location.column + 1})`
    : "";
  const isAsset = text.includes("No loader is configured");
  return new LambdaskError("CANNOT_SHIP", {
    message: `what the functions import cannot be bundled: ${text}${at}`,
    fix: isAsset
      ? "a bundle holds code only: read such files from the store or by URL, or put them into a layer and name their package in `external`"
      : "install what is missing, or name the package in `external` if workers have it from a layer",
  });
}
