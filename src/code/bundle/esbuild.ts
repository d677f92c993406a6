import type * as Esbuild from "esbuild";
import { LambdaskError } from "../../base/errors.ts";

/** esbuild, which is needed only where code is bundled, and so is installed by those who do that. */
export async function loadEsbuild(): Promise<typeof Esbuild> {
  try {
    return await import("esbuild");
  } catch (cause) {
    throw new LambdaskError("CANNOT_SHIP", {
      message: "esbuild, which makes the bundle of what your functions import, is not installed",
      fix: "npm install --save-dev esbuild",
      cause,
    });
  }
}
