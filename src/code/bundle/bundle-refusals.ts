import fs from "node:fs";
import path from "node:path";
import type { Metafile, Plugin } from "esbuild";
import { LambdaskError } from "../../base/errors.ts";

/** Packages whose only use is to find a native add-on at run time. */
const addonFinders =
  /^(bindings|node-gyp-build|node-gyp-build-optional-packages|@mapbox\/node-pre-gyp|prebuild-install|node-pre-gyp)$/;

const layerFix =
  "install its package where the workers run (a Lambda layer built for their system) and name it in `external`";

interface Addon {
  readonly importer: string;
  readonly specifier: string;
}

/** Watches for native add-ons, which belong to a system and cannot be part of a bundle. */
export interface AddonWatch {
  readonly plugin: Plugin;
  /** Throws CANNOT_SHIP for an add-on that its user cannot do without. */
  refuse(metafile: Metafile): void;
}

/** A new watch, for one build. */
export function findAddons(): AddonWatch {
  const found: Addon[] = [];
  return {
    plugin: {
      name: "lambdask-addons",
      setup: (build) => {
        build.onResolve({ filter: /\.node$/ }, ({ importer, path: specifier }) => {
          found.push({ importer, specifier });
          return { path: specifier, external: true };
        });
        build.onResolve({ filter: addonFinders }, ({ importer, path: specifier }) => {
          found.push({ importer, specifier });
          return { path: specifier, external: true };
        });
      },
    },
    refuse: (metafile) => {
      for (const { importer, specifier } of found) {
        if (isOptional(importer, metafile)) continue;
        throw new LambdaskError("CANNOT_SHIP", {
          message: `${importer} loads a native add-on (${specifier}), which cannot be bundled`,
          fix: layerFix,
          data: { importer, specifier },
        });
      }
    },
  };
}

/** Whoever imports the package of `file` names it among its optional dependencies, and so can do without. */
function isOptional(file: string, metafile: Metafile): boolean {
  const own = packageOf(file);
  if (own?.name === undefined) return false;
  const users = Object.entries(metafile.inputs).filter(
    ([input, { imports }]) =>
      packageOf(absolute(input))?.folder !== own.folder &&
      imports.some((one) => absolute(one.path).startsWith(own.folder + path.sep)),
  );
  return (
    users.length > 0 &&
    users.every(([input]) => packageOf(absolute(input))?.optional.includes(own.name ?? ""))
  );
}

interface PackageFolder {
  readonly folder: string;
  readonly name: string | undefined;
  readonly optional: readonly string[];
}

function packageOf(file: string): PackageFolder | undefined {
  for (
    let folder = path.dirname(file);
    folder !== path.dirname(folder);
    folder = path.dirname(folder)
  ) {
    const json = path.join(folder, "package.json");
    if (!fs.existsSync(json)) continue;
    const { name, optionalDependencies = {} } = JSON.parse(fs.readFileSync(json, "utf8")) as {
      readonly name?: string;
      readonly optionalDependencies?: Record<string, string>;
    };
    if (name !== undefined) return { folder, name, optional: Object.keys(optionalDependencies) };
  }
  return undefined;
}

/** esbuild names files from the root of the file system. */
function absolute(input: string): string {
  return path.resolve("/", input);
}

/** How code names a file beside it that it will read. */
const assets = [
  /new URL\(\s*["'](\.[^"'\n]+)["']\s*,\s*import\.meta\.url\s*\)/g,
  /import\.meta\.dirname\s*[,+]\s*["']([^"'\n]+)["']/g,
  /__dirname\s*[,+]\s*["']([^"'\n]+)["']/g,
];

/** Throws CANNOT_SHIP if a bundled file reads another one that lies beside it: in the worker there is none. */
export async function refuseAssets(metafile: Metafile): Promise<void> {
  for (const input of Object.keys(metafile.inputs)) {
    const file = absolute(input);
    if (!/\.[mc]?[jt]sx?$/.test(file) || !fs.existsSync(file)) continue;
    const text = await fs.promises.readFile(file, "utf8");
    for (const pattern of assets) {
      for (const [, name = ""] of text.matchAll(pattern)) refuseAsset(file, name);
    }
  }
}

function refuseAsset(file: string, name: string): void {
  const asset = path.join(path.dirname(file), name);
  if (!fs.statSync(asset, { throwIfNoEntry: false })?.isFile()) return;
  throw new LambdaskError("CANNOT_SHIP", {
    message: `${file} uses the file ${asset} beside it, which is not code and cannot be bundled`,
    fix: "read it in your program and capture what it holds, read it in the worker by URL, or name its package in `external` if workers have it from a layer",
    data: { file, asset },
  });
}
