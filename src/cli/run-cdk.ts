import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { engineProgram } from "../base/engine-place.ts";
import { LambdaskError } from "../base/errors.ts";

const app = engineProgram("cdk/app").href;

/** Calls the CDK on this package's app and shows what it says; gives its exit code. */
export async function runCdk(
  words: readonly string[],
  { region, context }: { readonly region: string | undefined; readonly context: readonly string[] },
): Promise<number> {
  // In a folder of its own: the user's project may have a cdk.json, which is about something else.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cdk-"));
  try {
    fs.writeFileSync(path.join(folder, "app.mjs"), `import ${JSON.stringify(app)};\n`);
    const given = context.flatMap((each) => ["--context", each]);
    const child = spawn(
      process.execPath,
      [cdkCommand(), ...words, "--app", "node app.mjs", ...given],
      { cwd: folder, stdio: "inherit", env: variablesOf(region) },
    );
    const [code] = (await once(child, "exit")) as [number | null];
    return code ?? 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function variablesOf(region: string | undefined): NodeJS.ProcessEnv {
  const { env } = process;
  return {
    ...env,
    // The app runs on the Node that this runs on.
    PATH: [path.dirname(process.execPath), env["PATH"]].join(path.delimiter),
    ...(region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
  };
}

/** The CDK of the user's project, else the one that this package finds; an error if a part of it is missing. */
function cdkCommand(): string {
  const here = [path.join(process.cwd(), "package.json"), import.meta.url];
  const command = here.map((from) => packageFolder("aws-cdk", from)).find(Boolean);
  // The app is this package's own: it finds what this package finds.
  const missing = command === undefined ? "aws-cdk" : missingFrom(import.meta.url);
  if (command !== undefined && missing === undefined) return path.join(command, "bin", "cdk");
  throw new LambdaskError("UNSUPPORTED_RUNTIME", {
    message: `the CDK is not installed: no ${missing} here`,
    fix: "npm install --save-dev aws-cdk@2 aws-cdk-lib constructs",
  });
}

/** The first of the packages that the stack's app needs which the module at `from` does not find. */
export function missingFrom(from: string): string | undefined {
  return ["aws-cdk-lib", "constructs"].find((name) => packageFolder(name, from) === undefined);
}

function packageFolder(name: string, from: string): string | undefined {
  try {
    return path.dirname(createRequire(from).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}
