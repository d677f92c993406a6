import path from "node:path";
import { pathToFileURL } from "node:url";

/**
 * The folder of this library's own files: `…/src/` in the repository, `…/dist/` in the package. This file lies one
 * folder below it in both: the build sees to that where files are joined.
 */
export const engineFolder: string = `${path.dirname(import.meta.dirname)}${path.sep}`;

/** The same as the start of URLs. */
export const engineUrl: string = pathToFileURL(engineFolder).href;

/** Where source maps say that its frames are: the package holds its sources too. */
export const sourcesFolder: string = path.join(engineFolder, `../src${path.sep}`);

/** A file that is a program of its own, named as in the sources without ending: TypeScript there, JavaScript in the package. */
export function engineProgram(name: "cdk/app" | "local/process-main"): URL {
  return new URL(name + path.extname(import.meta.url), engineUrl);
}
