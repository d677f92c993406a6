import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const project = path.resolve(import.meta.dirname, "../../..");

/** Node's flags for running TypeScript through tsx; by file, since programs run in other folders. */
export const tsxFlags: readonly string[] = [
  "--import",
  pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
];

/** A folder of its own for one program; it sees the project's packages, and is removed at the end. */
export class ProgramFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(folder: string) {
    this.path = folder;
  }

  /** Without `packages` every package of the project is there. */
  static async make(options: { packages?: readonly string[] } = {}): Promise<ProgramFolder> {
    const folder = await fs.mkdtemp(path.join(await fs.realpath(os.tmpdir()), "lambdask-code-"));
    const packages = path.join(folder, "node_modules");
    if (options.packages) {
      await fs.mkdir(packages);
      for (const name of options.packages) {
        await fs.symlink(path.join(project, "node_modules", name), path.join(packages, name));
      }
    } else await fs.symlink(path.join(project, "node_modules"), packages);
    await fs.writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
    return new ProgramFolder(folder);
  }

  /** Writes files; `#src/` in their text stands for this library's sources, `#support/` for the tests' helpers. */
  async write(files: Readonly<Record<string, string>>): Promise<void> {
    const at = (folder: string): string => `${pathToFileURL(path.join(project, folder)).href}/`;
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(this.path, name);
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(
        file,
        text.replaceAll("#src/", at("src")).replaceAll("#support/", at("test/code/support")),
      );
    }
  }

  /** Runs a file of the folder as a program of its own; gives the JSON that it printed last. */
  async run(
    name: string,
    flags: readonly string[] = [],
    at: { readonly cwd?: string } = {},
  ): Promise<unknown> {
    const output = await this.output(name, flags, at);
    return JSON.parse(output.trim().split("\n").at(-1) ?? "null");
  }

  /** Runs a file of the folder and gives all that it printed. */
  async output(
    name: string,
    flags: readonly string[] = [],
    at: { readonly cwd?: string } = {},
  ): Promise<string> {
    const file = path.join(this.path, name);
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, file], at);
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await fs.rm(this.path, { recursive: true, force: true });
  }
}
