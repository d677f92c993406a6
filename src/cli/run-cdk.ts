import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { LambdaskError } from "../base/errors.ts";

/** The app beside this file: `.ts` in a checkout, `.js` in the package. */
const app = fileURLToPath(new URL(`../cdk/app${path.extname(import.meta.url)}`, import.meta.url));

/** Calls the CDK on this package's app and shows what it says; gives its exit code. */
export async function runCdk(
  words: readonly string[],
  { region, context }: { readonly region: string | undefined; readonly context: readonly string[] },
): Promise<number> {
  const output = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cdk-"));
  try {
    const child = spawn(
      process.execPath,
      [
        cdkCommand(),
        ...words,
        ...["--app", `"${process.execPath}" "${app}"`, "--output", output],
        ...context.flatMap((each) => ["--context", each]),
      ],
      { stdio: "inherit", env: { ...process.env, ...regionVariables(region) } },
    );
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  } finally {
    fs.rmSync(output, { recursive: true, force: true });
  }
}

function regionVariables(region: string | undefined): Readonly<Record<string, string>> {
  return region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region };
}

/** The CDK of the user's project, else the one that this package finds. */
function cdkCommand(): string {
  for (const from of [path.join(process.cwd(), "package.json"), import.meta.url]) {
    try {
      const found = createRequire(from).resolve("aws-cdk/package.json");
      return path.join(path.dirname(found), "bin", "cdk");
    } catch {
      // Not here; the next place may have it.
    }
  }
  throw new LambdaskError("UNSUPPORTED_RUNTIME", {
    message: "the CDK is not installed: no aws-cdk here",
    fix: "npm install --save-dev aws-cdk@2 aws-cdk-lib constructs",
  });
}
