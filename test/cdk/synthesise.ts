import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { LambdaskStack } from "../../src/cdk/lambdask-stack.ts";
import type { LambdaskBackendProps } from "../../src/cdk.ts";

// The CDK's own look at each template takes a second of pure work; `cdk deploy` in the slower tests has it.
process.env["CDK_VALIDATION"] = "false";

/** The stack's template with a stand-in for the worker's code; nothing is left on the disk. */
export function synthesise(backend: LambdaskBackendProps = {}): Template {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-cdk-"));
  try {
    const workerAsset = path.join(folder, "worker");
    fs.mkdirSync(workerAsset);
    fs.writeFileSync(path.join(workerAsset, "handler.mjs"), "export const handler = () => {};\n");
    const app = new App({ outdir: path.join(folder, "out") });
    const stack = new LambdaskStack(app, "Lambdask", { backend: { workerAsset, ...backend } });
    return Template.fromStack(stack);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** What the policies of this type allow: lines of `action resource`, sorted. */
export function granted(template: Template, type: string): string[] {
  const policies = Object.values(template.findResources(type)) as {
    Properties: { PolicyDocument: { Statement: readonly Statement[] } };
  }[];
  return policies
    .flatMap((policy) => policy.Properties.PolicyDocument.Statement)
    .filter((statement) => statement.Effect === "Allow")
    .flatMap(({ Action, Resource }) =>
      list(Action).flatMap((action) => list(Resource).map((on) => `${action} ${nameOf(on)}`)),
    )
    .sort();
}

function list<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

/** A resource of a template in words: `Bucket/tmp/*`, without the hash that CDK adds to ids. */
function nameOf(value: unknown): string {
  if (typeof value === "string") return value;
  const intrinsic = value as {
    Ref?: string;
    "Fn::GetAtt"?: string[];
    "Fn::Join"?: [string, unknown[]];
  };
  const joined = intrinsic["Fn::Join"];
  if (joined !== undefined) return joined[1].map(nameOf).join(joined[0]);
  const id = intrinsic.Ref ?? intrinsic["Fn::GetAtt"]?.[0] ?? JSON.stringify(value);
  return id.replace(/^Backend/, "").replace(/[0-9A-F]{8}$/, "");
}
