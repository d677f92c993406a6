import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { deflateRawSync } from "node:zlib";
import { build, type Metafile } from "esbuild";

const root = path.resolve(import.meta.dirname, "..");

/** A built worker asset. */
export interface BuiltWorker {
  readonly folder: string;
  /** What is in the bundle, and from where. */
  readonly metafile: Metafile;
  /** Bytes of the bundle as they lie in a zip file. */
  readonly zippedBytes: number;
}

/** Builds what Lambda runs: one file that needs nothing beside it but Node. */
export async function buildWorker(folder: string): Promise<BuiltWorker> {
  fs.rmSync(folder, { recursive: true, force: true });
  const outfile = path.join(folder, "handler.mjs");
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["functions/worker/handler.ts"],
    outfile,
    bundle: true,
    metafile: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // The SDK has builds for both kinds of modules; of this one, what is not used is left out.
    mainFields: ["module", "main"],
    minify: true,
    keepNames: true,
    legalComments: "none",
    logLevel: "warning",
    // Packages made for CommonJS load built-in modules by `require`.
    banner: {
      js: 'import{createRequire as $require}from"node:module";const require=$require(import.meta.url);',
    },
  });
  const zippedBytes = deflateRawSync(fs.readFileSync(outfile), { level: 9 }).byteLength;
  return { folder, metafile, zippedBytes };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { folder, zippedBytes } = await buildWorker(path.join(root, "dist", "lambda"));
  console.log(`${path.relative(root, folder)}: ${Math.ceil(zippedBytes / 1024)} KiB zipped`);
}
