// Removes the last build, so that a deleted source file does not live on in the package.
import fs from "node:fs";

fs.rmSync(new URL("../dist", import.meta.url), { recursive: true, force: true });
