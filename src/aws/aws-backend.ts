import type { LazyBackend } from "../backend/backend.ts";
import { checkOptions } from "../base/check-options.ts";
import { badArgument } from "../base/errors.ts";
import type { AwsOptions } from "./aws-options.ts";
import { defaultStackName } from "./deployment.ts";

const concurrencyMax = 10_000;

/**
 * The backend on AWS: tasks run in Lambda functions and chunks lie in S3, both of a stack that was deployed before.
 * Nothing is looked up or loaded before `connect`.
 * @example
 * ```ts
 * const cloud = awsBackend({ stack: "Lambdask", region: "eu-central-1" });
 * console.log(typeof cloud.open); // → function
 * ```
 */
export function awsBackend(options?: AwsOptions): LazyBackend {
  const names = ["stack", "region", "endpoint", "concurrency", "store", "deployment"] as const;
  const checked = checkOptions("awsBackend", options, [...names]);
  for (const name of ["stack", "region", "endpoint", "store"] as const) {
    const value: unknown = checked[name];
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw badArgument(`awsBackend: ${name}`, "a text", value);
    }
  }
  const { concurrency } = checked;
  const isCount = Number.isInteger(concurrency) && Number(concurrency) >= 1;
  if (concurrency !== undefined && (!isCount || concurrency > concurrencyMax)) {
    const expected = `a whole number from 1 to ${concurrencyMax}`;
    throw badArgument("awsBackend: concurrency", expected, concurrency);
  }
  return {
    open: async () => {
      const { openAws } = await import("./open-aws.ts");
      return await openAws({ stack: defaultStackName, ...checked });
    },
  };
}
