// Joins the files that the package ships: Node needs a third of a millisecond to find and open each module, and what
// `lambdask` loads at once are hundreds of them.
import fs from "node:fs";
import path from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";
import manifest from "../package.json" with { type: "json" };
import { type Joining, type JoinRules, joinedBy } from "./join-rules.ts";

const root = path.resolve(import.meta.dirname, "..");

/** The folder of joined files in the package: one level down, as every room is in the sources. */
const joinedFolder = "joined";

/** Built files that are there only for how esbuild groups the others. */
const askingFolder = "asking";

/** What users import and commands start by name, and the files that engineProgram() starts by where they lie. */
function entries(): string[] {
  const given = [...Object.values(manifest.exports), ...Object.values(manifest.bin)];
  const files = given.map((to) => (typeof to === "string" ? to : to.default));
  const built = files.filter((file) => file.endsWith(".js"));
  const sources = built.map((file) => file.replace(/^(\.\/)?dist(.*)\.js$/, "src$2.ts"));
  return [...sources, "src/cdk/app.ts", "src/local/process-main.ts"];
}

const rules: JoinRules = {
  entries: entries(),
  main: "src/index.ts",
  light: ["src/cli/main.ts", "src/cli/run-command.ts", "src/cdk.ts", "src/cdk/app.ts"],
  travelling: ["src/collections/delayed-builder.ts"],
};

function options(folder: string): BuildOptions & { metafile: true } {
  return {
    absWorkingDir: root,
    outdir: folder,
    chunkNames: `${joinedFolder}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "es2024",
    // Of two functions of one name in a file, the second would be called `name2`.
    keepNames: true,
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
    logLevel: "warning",
  };
}

function named(file: string): { in: string; out: string } {
  return { in: file, out: file.replace(/^src\/(.*)\.ts$/, "$1") };
}

/** Writes the joined package into `folder`, beside its types; gives what is in it, and from where. */
export async function joinPackage(folder: string): Promise<Metafile["outputs"]> {
  const shipped = rules.entries.map(named);
  const first = { ...options(folder), entryPoints: shipped, write: false };
  const joining = joinedBy(rules, (await build(first)).metafile.inputs);
  const asking = [{ in: belowName, out: "below" }, ...rules.travelling.map(named)];
  fs.rmSync(path.join(folder, joinedFolder), { recursive: true, force: true });
  const { metafile } = await build({
    ...options(folder),
    entryPoints: [
      ...shipped,
      ...asking.map((one) => ({ ...one, out: `${askingFolder}/${one.out}` })),
    ],
    plugins: [moreImports(joining)],
    // For the sake of what it puts together, not of what it does.
    logOverride: { "ignored-bare-import": "silent" },
  });
  const asked = path.join(folder, askingFolder);
  fs.rmSync(asked, { recursive: true });
  const outputs = Object.entries(metafile.outputs).filter(
    ([file]) => !path.resolve(root, file).startsWith(asked),
  );
  checkPlace(outputs);
  return Object.fromEntries(outputs);
}

const belowName = "lambdask-join:below";

function moreImports({ loading, below }: Joining): Plugin {
  const load = (file: string): string => `import ${JSON.stringify(path.join(root, file))};`;
  return {
    name: "more-imports",
    setup: ({ onResolve, onLoad }) => {
      onResolve({ filter: /^lambdask-join:/ }, () => ({ path: "below", namespace: "join" }));
      onLoad({ filter: /.*/, namespace: "join" }, () => ({
        contents: below.map(load).join("\n"),
        resolveDir: root,
      }));
      onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        if (!loading.has(path.relative(root, file))) return null;
        const text = fs.readFileSync(file, "utf8");
        return { loader: "ts", contents: `${text}\n${load(rules.main)}\n` };
      });
    },
  };
}

/** The library finds its own files by where one of them lies. */
function checkPlace(outputs: readonly (readonly [string, Metafile["outputs"][string]])[]): void {
  const [holds = ""] = outputs.find(([, { inputs }]) => inputs["src/base/engine-place.ts"]) ?? [];
  if (path.basename(path.dirname(holds)) === joinedFolder) return;
  throw new Error("src/base/engine-place.ts is not in a joined file: what it says would be wrong");
}

if (import.meta.main) await joinPackage(path.join(root, "dist"));
