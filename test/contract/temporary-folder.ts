import fs from "node:fs";
import os from "node:os";
import path from "node:path";

/** A new folder that is gone with all in it when its scope ends. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-local-"));
  return {
    path: folder,
    [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }),
  };
}
