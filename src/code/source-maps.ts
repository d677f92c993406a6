import { filePath } from "./file-origin.ts";

/** A source map without the sources themselves. */
export interface ScriptMap {
  readonly version: number;
  readonly mappings: string;
  readonly names: readonly string[];
  readonly sources: readonly string[];
}

/** The map from a loaded script to the file that the user wrote, if a tool compiled it. */
export function scriptMap(script: {
  readonly url: string;
  readonly text: string;
  readonly sourceMapUrl: string;
}): ScriptMap | undefined {
  const text = fromDataUrl(script.sourceMapUrl) ?? vitestMap(script);
  if (text === undefined) return undefined;
  try {
    const { version, mappings, names = [], sources } = JSON.parse(text) as ScriptMap;
    return { version, mappings, names, sources };
  } catch {
    return undefined;
  }
}

/** `map` as the last line of a module. */
export function mapComment(map: ScriptMap): string {
  const encoded = Buffer.from(JSON.stringify(map)).toString("base64");
  return `//# sourceMappingURL=data:application/json;base64,${encoded}`;
}

function fromDataUrl(url: string): string | undefined {
  if (!url.startsWith("data:")) return undefined;
  const comma = url.indexOf(",");
  const body = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(";base64")
    ? Buffer.from(body, "base64").toString("utf8")
    : decodeURIComponent(body);
}

interface VitestWorker {
  readonly evaluatedModules?: {
    readonly fileToModulesMap?: ReadonlyMap<string, Iterable<VitestModule>>;
  };
}
interface VitestModule {
  readonly meta?: { readonly code?: string; readonly sourceMap?: unknown };
}

/** vitest keeps the maps of the modules it has compiled to itself. */
function vitestMap({ url, text }: { url: string; text: string }): string | undefined {
  const worker = Reflect.get(globalThis, "__vitest_worker__") as VitestWorker | undefined;
  if (!worker || !url.startsWith("file:")) return undefined;
  const file = filePath(url);
  for (const { meta } of worker.evaluatedModules?.fileToModulesMap?.get(file) ?? []) {
    if (typeof meta?.sourceMap !== "string" || meta.code === undefined) continue;
    if (text.includes(meta.code)) return meta.sourceMap;
  }
  return undefined;
}
