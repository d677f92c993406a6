import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
} from "@aws-sdk/client-lambda";
import {
  GetBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  S3Client,
} from "@aws-sdk/client-s3";
import { s3Address } from "../sources/s3-client.ts";
import type { Deployment } from "./deployment.ts";
import type { AwsPlace } from "./place.ts";

/** A rule that removes objects by age. */
export interface ExpirationRule {
  readonly prefix: string;
  readonly days: number;
}

/** What AWS says of a deployed stack's things. */
export interface StackFacts {
  /** Environments that the account may have at once in this region. */
  readonly accountConcurrency: number | undefined;
  /** Of them, kept for the worker function. */
  readonly reservedConcurrency: number | undefined;
  readonly expirationRules: readonly ExpirationRule[];
}

/** Concurrency of the account and of the worker function. */
export async function concurrencyFacts(
  { workerFunctionName }: Deployment,
  place: AwsPlace,
): Promise<Omit<StackFacts, "expirationRules">> {
  const lambda = new LambdaClient(place);
  try {
    const FunctionName = workerFunctionName;
    const [settings, own] = await Promise.all([
      lambda.send(new GetAccountSettingsCommand({})),
      lambda.send(new GetFunctionConcurrencyCommand({ FunctionName })),
    ]);
    return {
      accountConcurrency: settings.AccountLimit?.ConcurrentExecutions,
      reservedConcurrency: own.ReservedConcurrentExecutions,
    };
  } finally {
    lambda.destroy();
  }
}

/** The rules that are on, remove objects by age, and ask for nothing but a prefix. */
export function expirationsOf(rules: readonly LifecycleRule[]): ExpirationRule[] {
  return rules.flatMap(({ Status, Filter, Prefix, Expiration }) => {
    const days = Expiration?.Days;
    const asksForMore = Object.keys(Filter ?? {}).some((name) => name !== "Prefix");
    if (Status !== "Enabled" || days === undefined || asksForMore) return [];
    // Rules made by CloudFormation have their prefix in the old place.
    return [{ prefix: Filter?.Prefix ?? Prefix ?? "", days }];
  });
}

/** The bucket's rules that remove objects. */
export async function expirationRules(
  { bucketName }: Deployment,
  place: AwsPlace,
): Promise<ExpirationRule[]> {
  const s3 = new S3Client(s3Address(place));
  try {
    const command = new GetBucketLifecycleConfigurationCommand({ Bucket: bucketName });
    const { Rules = [] } = await s3.send(command);
    return expirationsOf(Rules);
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchLifecycleConfiguration") return [];
    throw error;
  } finally {
    s3.destroy();
  }
}
