import { type ChildProcess, fork } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import * as esbuild from "esbuild";
import { type BundleOptions, bundleImports } from "../../../src/code/bundle/make-bundle.ts";
import { blobsOf, capture } from "../../../src/code/capture.ts";
import { RemoteError } from "./remote.ts";

/**
 * A plain Node process in an empty folder that may read nothing else on the disk: what its functions import comes
 * from bundles alone.
 */
export class BundledRemote implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcess;

  private constructor(folder: string, env: Record<string, string>) {
    this.#folder = folder;
    this.#child = fork(path.join(folder, "worker.mjs"), [], {
      serialization: "advanced",
      execArgv: ["--permission", `--allow-fs-read=${folder}/*`, "--allow-inspector"],
      cwd: folder,
      env,
    });
  }

  static async start(files: Readonly<Record<string, string>> = {}): Promise<BundledRemote> {
    const temporary = await fs.realpath(os.tmpdir());
    const folder = await fs.mkdtemp(path.join(temporary, "lambdask-bundled-"));
    await esbuild.build({
      entryPoints: [path.join(import.meta.dirname, "bundle-worker.ts")],
      outfile: path.join(folder, "worker.mjs"),
      bundle: true,
      format: "esm",
      platform: "node",
    });
    for (const [name, text] of Object.entries(files)) {
      await fs.mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await fs.writeFile(path.join(folder, name), text);
    }
    return new BundledRemote(folder, {});
  }

  /** Captures `fn`, bundles what it imports, and calls it there. */
  async run(
    fn: (...args: never[]) => unknown,
    args: readonly unknown[] = [],
    options: BundleOptions = {},
  ): Promise<unknown> {
    const shipped = capture(fn, { where: "test" });
    const bundle = await bundleImports([shipped], options);
    const answer = new Promise<{ value?: unknown; error?: RemoteError }>((resolve, reject) => {
      this.#child.once("message", resolve);
      this.#child.once("exit", (code) => reject(new Error(`the worker ended with code ${code}`)));
    });
    this.#child.send({ call: 0, shipped, blobs: [...blobsOf(shipped)], args, bundle });
    const { value, error } = await answer;
    this.#child.removeAllListeners("exit");
    if (error)
      throw new RemoteError(error as unknown as ConstructorParameters<typeof RemoteError>[0]);
    return value;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await fs.rm(this.#folder, { recursive: true, force: true });
  }
}
