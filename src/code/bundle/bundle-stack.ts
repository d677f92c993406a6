import { SourceMap } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { ContentName } from "../../base/ids.ts";

/** Source maps of bundles that this process has made: they stay here, workers do not get them. */
const maps = new Map<string, ReadonlyMap<string, string>>();
const mapsMax = 50;
const read = new Map<string, SourceMap>();

/** Keeps the maps of a bundle's files, for the stacks that come back. */
export function rememberMaps(hash: ContentName, files: ReadonlyMap<string, string>): void {
  maps.set(hash, files);
  const [oldest] = maps.keys();
  if (maps.size > mapsMax && oldest !== undefined) maps.delete(oldest);
}

const place = /(?:file:\/\/\/|\/)[^\s()]*lambdask-bundle-([0-9a-f]{32})\/([\w.-]+):(\d+):(\d+)/g;
const ownFile = /(file:\/\/\/|\/)[^\s()]*lambdask-bundle-[0-9a-f]{32}\/user\//g;

/** `stack` with the places of the user's files instead of those of a bundle. */
export function unbundled(stack: string): string {
  return stack
    .replace(ownFile, "$1")
    .replaceAll(place, (whole, ...[hash, file, line, column]: string[]) => {
      const at = { line: Number(line), column: Number(column) };
      return original(`${hash}`, `${file}`, at) ?? whole;
    });
}

function original(
  hash: string,
  file: string,
  at: { readonly line: number; readonly column: number },
): string | undefined {
  const entry = mapOf(hash, file)?.findEntry(at.line - 1, at.column - 1);
  if (!entry || !("originalLine" in entry)) return undefined;
  // Sources are named relative to a folder at the root.
  const source = pathToFileURL(path.resolve("/lambdask-bundle", entry.originalSource)).href;
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function mapOf(hash: string, file: string): SourceMap | undefined {
  const key = `${hash}/${file}`;
  const known = read.get(key);
  const text = known ? undefined : maps.get(hash)?.get(file);
  if (text === undefined) return known;
  const map = new SourceMap(JSON.parse(text) as ConstructorParameters<typeof SourceMap>[0]);
  read.set(key, map);
  return map;
}
