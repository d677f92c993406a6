import { build } from "esbuild";

/** The project's files that end up in a bundle of one entry, relative to the root. */
export async function bundledFiles(root: string, entry: string): Promise<string[]> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
  });
  return Object.keys(result.metafile.inputs);
}

/** Bundled files of rooms that must never be shipped to a worker. */
export function checkBundle(bundled: readonly string[], rooms: readonly string[]): string[] {
  return bundled
    .filter((file) => rooms.some((room) => file.startsWith(`src/${room}/`)))
    .map((file) => `${file} is in the worker's bundle`);
}
