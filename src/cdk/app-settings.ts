import { Architecture } from "aws-cdk-lib/aws-lambda";
import { defaultStackName } from "../aws/deployment.ts";
import { badArgument } from "../base/errors.ts";
import type { LambdaskBackendProps } from "./backend-props.ts";
import type { SettingName } from "./setting-names.ts";

/** The stack's name. */
export function stackName(read: (name: SettingName) => unknown): string {
  const given = read("stack");
  if (given === undefined) return defaultStackName;
  if (typeof given === "string" && /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(given)) return given;
  throw badArgument("stack", "letters, digits and hyphens, starting with a letter", given);
}

/** The backend's props as text in the context gives them. */
export function backendProps(read: (name: SettingName) => unknown): LambdaskBackendProps {
  const props = {
    memoryMb: numberOf("memoryMb", read("memoryMb")),
    timeoutS: numberOf("timeoutS", read("timeoutS")),
    reservedConcurrency: numberOf("reservedConcurrency", read("reservedConcurrency")),
    scratchDays: numberOf("scratchDays", read("scratchDays")),
    architecture: architectureOf(read("architecture")),
    keepBucket: flagOf("keepBucket", read("keepBucket")),
    bucket: bucketsOf("bucket", read("bucket"))?.[0],
    readBuckets: bucketsOf("readBuckets", read("readBuckets")),
    writeBuckets: bucketsOf("writeBuckets", read("writeBuckets")),
  };
  // What was not given must be absent, not undefined.
  const given = Object.entries(props).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as LambdaskBackendProps;
}

function numberOf(name: SettingName, given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const number = Number(given);
  if (given === "" || Number.isNaN(number)) throw badArgument(name, "a number", given);
  return number;
}

function flagOf(name: SettingName, given: unknown): boolean | undefined {
  if (given === undefined) return undefined;
  if (given === true || given === "true") return true;
  if (given === false || given === "false") return false;
  throw badArgument(name, "true or false", given);
}

function architectureOf(given: unknown): Architecture | undefined {
  if (given === undefined) return undefined;
  if (given === "x86_64") return Architecture.X86_64;
  if (given === "arm64") return Architecture.ARM_64;
  throw badArgument("architecture", "x86_64 or arm64", given);
}

/** Names of buckets, with commas between. */
function bucketsOf(name: SettingName, given: unknown): string[] | undefined {
  if (given === undefined) return undefined;
  if (typeof given !== "string" || given === "") throw badArgument(name, "names of buckets", given);
  return given.split(",").map((bucket) => bucket.trim());
}
