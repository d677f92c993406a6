import path from "node:path";
import type { OnResolveResult, Plugin, PluginBuild } from "esbuild";
import { LambdaskError } from "../../base/errors.ts";
import { filePath } from "../file-origin.ts";
import type { ImportRequest } from "./bundle-format.ts";
import { loadEsbuild } from "./esbuild.ts";
import { nodeResolution } from "./node-resolution.ts";

const prefix = "lambdask-request:";

/** The files that `requests` lead to, in their order. */
export async function resolveRequests(requests: readonly ImportRequest[]): Promise<string[]> {
  const esbuild = await loadEsbuild();
  const files: string[] = [];
  const problems: LambdaskError[] = [];
  const plugin: Plugin = {
    name: "lambdask-resolve",
    setup: (build) => {
      build.onResolve({ filter: new RegExp(`^${prefix}`) }, async ({ path: asked }) => {
        const i = Number(asked.slice(prefix.length));
        const request = requests[i];
        const found = request && (await resolveOne(build, request));
        if (typeof found === "string") files[i] = found;
        else if (found) problems.push(found);
        return { path: asked, namespace: "lambdask-resolved" } satisfies OnResolveResult;
      });
      build.onLoad({ filter: /.*/, namespace: "lambdask-resolved" }, () => ({ contents: "" }));
    },
  };
  await esbuild.build({
    ...nodeResolution,
    absWorkingDir: path.resolve("/"),
    entryPoints: requests.map((_request, i) => `${prefix}${i}`),
    outdir: path.resolve("/lambdask-resolved"),
    bundle: true,
    write: false,
    logLevel: "silent",
    plugins: [plugin],
  });
  const [problem] = problems;
  if (problem) throw problem;
  return files;
}

async function resolveOne(
  build: PluginBuild,
  request: ImportRequest,
): Promise<string | LambdaskError> {
  const { kind, specifier, from } = request;
  if (specifier.startsWith("file:")) return filePath(specifier);
  const found = await build.resolve(specifier, {
    resolveDir: path.dirname(filePath(from)),
    importer: filePath(from),
    kind: kind === "require" ? "require-call" : "import-statement",
  });
  if (found.errors.length === 0 && !found.external) return found.path;
  return new LambdaskError("CANNOT_SHIP", {
    message: `${specifier}, which ${filePath(from)} imports, cannot be bundled: ${found.errors[0]?.text ?? "it was not found"}`,
    fix: "install what is missing, or name the package in `external` if workers have it from a layer",
    data: { specifier, from },
  });
}
