// Strips `engines` from optional packages in package-lock.json.
// npm silently skips an optional package whose `engines` exclude the Node that runs npm, which is the
// system's and may be older than the Node the project installs and runs on.
// Plain JavaScript: it runs while package.json and the lock file disagree, so before any set-up.
import fs from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(fs.readFileSync(file, "utf8"));
for (const entry of Object.values(lock.packages)) {
  if (entry.optional || entry.devOptional) delete entry.engines;
}
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
