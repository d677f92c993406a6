import { randomUUID } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { build } from "esbuild";
import { zipOf } from "../support/zip.ts";
import { type RunningAws, startAws } from "./builtin/aws-server.ts";
import { useEmulatorCredentials } from "./builtin/s3-buckets.ts";

/** What the battery's function is deployed with. */
export const batteryLimits = { memoryMb: 256, timeoutS: 3 } as const;

/** A Lambda with the battery's function, and a bucket that both sides use. */
export interface LambdaTarget extends AsyncDisposable {
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly functionName: string;
  readonly bucket: string;
  /** Environments at once; `undefined`: as many as there are. */
  reserve(concurrency: number | undefined): Promise<void>;
  setVariables(variables: Readonly<Record<string, string>>): Promise<void>;
}

/** The function as one file, in a folder of its own. */
async function builtFunction(): Promise<string> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-battery-"));
  await build({
    entryPoints: [path.join(import.meta.dirname, "programs", "battery-handler.ts")],
    outfile: path.join(folder, "index.mjs"),
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    logLevel: "silent",
    mainFields: ["module", "main"],
    banner: {
      js: 'import{createRequire as $require}from"node:module";const require=$require(import.meta.url);',
    },
  });
  return folder;
}

/** The Lambda that `EMULATOR` names, with the function deployed: one of our own unless it is running already. */
export async function lambdaTarget(): Promise<LambdaTarget> {
  const folder = await builtFunction();
  const names = { functionName: `battery-${randomUUID()}`, bucket: `battery-${randomUUID()}` };
  const isOurs = (process.env["EMULATOR"] ?? "builtin") === "builtin";
  const target = isOurs ? await onOurs(folder, names) : await onSdk(folder, names);
  await target.s3.send(new CreateBucketCommand({ Bucket: names.bucket }));
  return {
    ...target,
    [Symbol.asyncDispose]: async () => {
      await target[Symbol.asyncDispose]();
      target.lambda.destroy();
      target.s3.destroy();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Names {
  readonly functionName: string;
  readonly bucket: string;
}

function clients(endpoint: string | undefined): { lambda: LambdaClient; s3: S3Client } {
  const place = { maxAttempts: 1, ...(endpoint === undefined ? {} : { endpoint }) };
  return {
    lambda: new LambdaClient(place),
    s3: new S3Client({ ...place, forcePathStyle: endpoint !== undefined }),
  };
}

async function onOurs(folder: string, names: Names): Promise<LambdaTarget> {
  useEmulatorCredentials();
  const aws: RunningAws = await startAws();
  const variables = { AWS_ENDPOINT_URL: aws.endpoint };
  const deployed = aws.lambda.deploy({
    ...batteryLimits,
    name: names.functionName,
    folder,
    handler: "index.handler",
    variables: { ...variables, SETTING: "first" },
  });
  return {
    ...names,
    ...clients(aws.endpoint),
    reserve: async (concurrency) => {
      const { reservedConcurrency: _, ...rest } = deployed.settings;
      if (concurrency === undefined) await deployed.replace(rest);
      else await deployed.replace({ ...rest, reservedConcurrency: concurrency });
    },
    setVariables: (more) =>
      deployed.replace({ ...deployed.settings, variables: { ...variables, ...more } }),
    [Symbol.asyncDispose]: () => aws[Symbol.asyncDispose](),
  };
}

async function onSdk(folder: string, names: Names): Promise<LambdaTarget> {
  const { lambda, s3 } = clients(process.env["AWS_ENDPOINT_URL"]);
  const FunctionName = names.functionName;
  const code = fs.readFileSync(path.join(folder, "index.mjs"));
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/battery",
      Code: { ZipFile: zipOf({ "index.mjs": code }) },
      Timeout: batteryLimits.timeoutS,
      MemorySize: batteryLimits.memoryMb,
      Environment: { Variables: { SETTING: "first" } },
    }),
  );
  const wait = { client: lambda, maxWaitTime: 60 };
  await waitUntilFunctionActiveV2(wait, { FunctionName });
  return {
    ...names,
    lambda,
    s3,
    reserve: async (concurrency) => {
      await (concurrency === undefined
        ? lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }))
        : lambda.send(
            new PutFunctionConcurrencyCommand({
              FunctionName,
              ReservedConcurrentExecutions: concurrency,
            }),
          ));
    },
    setVariables: async (Variables) => {
      const changes = { FunctionName, Environment: { Variables } };
      await lambda.send(new UpdateFunctionConfigurationCommand(changes));
      await waitUntilFunctionUpdatedV2(wait, { FunctionName });
    },
    [Symbol.asyncDispose]: async () => {
      await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    },
  };
}
