import type { LazyBackend } from "../backend/backend.ts";
import { checkOptions } from "../base/check-options.ts";
import { setting } from "../config/resolve.ts";
import type { AwsOptions, FoundOptions } from "./aws-options.ts";

/**
 * The backend on AWS: tasks run in Lambda functions and chunks lie in S3, both of a stack that was deployed before.
 * Settings are read now; nothing of AWS is looked up or loaded before `connect`.
 * @example
 * ```ts
 * const cloud = awsBackend({ stack: "Lambdask", region: "eu-central-1" });
 * console.log(typeof cloud.open); // → function
 * ```
 */
export function awsBackend(options?: AwsOptions): LazyBackend {
  const names = ["stack", "region", "endpoint", "concurrency", "store", "deployment"] as const;
  const found = withSettings(checkOptions("awsBackend", options, [...names]));
  return {
    open: async () => {
      const { openAws } = await import("./open-aws.ts");
      return await openAws(found);
    },
  };
}

function withSettings({ deployment, ...given }: AwsOptions): FoundOptions {
  const option = (name: keyof typeof given): { where: string; value: unknown } => ({
    where: `awsBackend: ${name}`,
    value: given[name],
  });
  return {
    stack: setting("aws.stack", option("stack")),
    region: setting("aws.region", option("region")),
    endpoint: setting("aws.endpoint", option("endpoint")),
    concurrency: setting("aws.concurrency", option("concurrency")),
    store: setting("store", option("store")),
    deployment,
  };
}
