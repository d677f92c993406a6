import { type Deployment, deploymentOf } from "../aws/deployment.ts";
import { stackOutputs } from "../aws/find-deployment.ts";
import { type AwsPlace, placeOf } from "../aws/place.ts";
import type { ObjectBucket } from "../backend/object-bucket.ts";
import { LambdaskError } from "../base/errors.ts";
import { setting } from "../config/resolve.ts";
import { connectS3 } from "../sources/s3-client.ts";
import type { CommandValues } from "./command.ts";
import { textOf } from "./values.ts";

/** The stack that a command is about. */
export interface FoundStack {
  readonly stack: string;
  readonly place: AwsPlace;
  readonly outputs: ReadonlyMap<string, string>;
  readonly deployment: Deployment;
}

/** The region that the flag or the settings name. */
export function regionOf(values: CommandValues): string | undefined {
  return setting("aws.region", { where: "--region", value: textOf(values, "region") });
}

/** The stack that the flag or the settings name. */
export function stackOf(values: CommandValues): string {
  return setting("aws.stack", { where: "--stack", value: textOf(values, "stack") });
}

/** The place that the flags and the settings name. */
export function givenPlace(values: CommandValues): AwsPlace {
  return placeOf({ region: regionOf(values), endpoint: setting("aws.endpoint") });
}

/** Looks the stack up; of whatever version it is. */
export async function findStack(values: CommandValues): Promise<FoundStack> {
  const stack = stackOf(values);
  const place = givenPlace(values);
  const outputs = await stackOutputs(stack, place);
  const deployment = deploymentOf(outputs);
  if ("missing" in deployment) {
    throw new LambdaskError("NO_WORKERS", {
      message: `stack ${stack}: its output ${deployment.missing} is missing: it is no stack of lambdask`,
      fix: "name another stack by --stack, or deploy it with this version of lambdask",
    });
  }
  return { stack, place, outputs, deployment };
}

/** Calls `use` with the stack's bucket and closes the connection after it. */
export async function withBucket<T>(
  { place, deployment }: FoundStack,
  use: (bucket: ObjectBucket) => Promise<T>,
): Promise<T> {
  const s3 = connectS3(place);
  try {
    return await use(s3.bucket(deployment.bucketName));
  } finally {
    s3.close();
  }
}
