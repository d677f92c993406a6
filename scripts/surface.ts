// `npm run surface`: writes the names the package gives out to test/public-surface.txt, where a test
// compares them, so a change of the public surface is a change somebody sees.
import fs from "node:fs";
import path from "node:path";
import { exportedNames } from "./tidy/exports.ts";

const root = path.resolve(import.meta.dirname, "..");
const entries = {
  lambdask: "src/index.ts",
  "lambdask/bag": "src/bag.ts",
  "lambdask/datasets": "src/datasets.ts",
  "lambdask/aws": "src/aws.ts",
  "lambdask/cdk": "src/cdk.ts",
};

/** The committed list, relative to the root. */
export const surfaceFile = "test/public-surface.txt";

/** Every public name under the entry that gives it out. */
export function publicSurface(): string {
  const sections = Object.entries(entries).map(([name, file]) => {
    const text = fs.readFileSync(path.join(root, file), "utf8");
    return [name, ...exportedNames({ path: file, text }).map((line) => `  ${line}`)].join("\n");
  });
  return `${sections.join("\n\n")}\n`;
}

if (import.meta.main) fs.writeFileSync(path.join(root, surfaceFile), publicSurface());
