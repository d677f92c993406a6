import fs from "node:fs";
import path from "node:path";
import { workerHandler } from "../aws/deployment.ts";
import { engineFolder } from "../base/engine-place.ts";
import { LambdaskError } from "../base/errors.ts";

/** The same folder from the sources and from what the package ships; "worker" is a room's. */
const shippedAsset = path.join(engineFolder, "../dist/lambda");

/** The folder with the worker's code; an error says how to get it if it is not there. */
export function workerAsset(folder: string = shippedAsset): string {
  const module = workerHandler.slice(0, workerHandler.lastIndexOf("."));
  const isThere = ["mjs", "js", "cjs"].some((end) =>
    fs.existsSync(path.join(folder, `${module}.${end}`)),
  );
  if (isThere) return folder;
  throw new LambdaskError("UNSUPPORTED_RUNTIME", {
    message: `the worker's code is not there: no ${module}.mjs in ${folder}`,
    fix: "run `npm run build:worker` in a checkout of lambdask, or install the lambdask package again",
    data: { folder },
  });
}
