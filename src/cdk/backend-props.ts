import type { Architecture } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import { Bucket, type IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { deploymentDefaults } from "../aws/deployment.ts";
import { checkOptions, wholeNumber } from "../base/check-options.ts";

/** A bucket that is there already: CDK's construct or its name. */
export type BucketReference = IBucket | string;

/** How the cloud backend is made; everything has a default. */
export interface LambdaskBackendProps {
  /** Memory of one worker in MB; 1769 by default, which is one whole core. */
  readonly memoryMb?: number;
  /** Longest run of one invocation in seconds; 900 by default, which is Lambda's limit. */
  readonly timeoutS?: number;
  /** x86_64 by default. */
  readonly architecture?: Architecture;
  /** Workers at once, kept free for this function; by default it shares the account's concurrency. */
  readonly reservedConcurrency?: number;
  /** A bucket of your own. Its lifecycle rules stay yours; by default the backend makes a bucket. */
  readonly bucket?: BucketReference;
  /** Days until scratch objects are removed; 7 by default. With a bucket of your own: what its rule says. */
  readonly scratchDays?: number;
  /** Leave the bucket behind when the stack is destroyed; false by default. */
  readonly keepBucket?: boolean;
  /** How long the worker's log lines are kept; a week by default. */
  readonly logRetention?: RetentionDays;
  /** Buckets of yours that programs may read by `s3://` URLs. */
  readonly readBuckets?: readonly BucketReference[];
  /** Buckets of yours that programs may write to by `s3://` URLs. */
  readonly writeBuckets?: readonly BucketReference[];
  /** Folder with the worker's code; the one that the package ships by default. */
  readonly workerAsset?: string;
}

/** Props that have been checked, numbers filled in. */
export interface CheckedProps extends LambdaskBackendProps {
  readonly memoryMb: number;
  readonly timeoutS: number;
  readonly scratchDays: number;
}

const where = "LambdaskBackend";
/** Below this a Node worker with the S3 client has no room for data. */
const memoryMbMin = 256;
const memoryMbMax = 10_240;
const timeoutSMin = 10;
const timeoutSMax = 900;

/** The bucket that `reference` stands for. */
export function bucketOf(scope: Construct, reference: BucketReference): IBucket {
  if (typeof reference !== "string") return reference;
  const id = `Bucket-${reference}`;
  // The same bucket may be named to be read and to be written.
  const known = scope.node.tryFindChild(id) as IBucket | undefined;
  return known ?? Bucket.fromBucketName(scope, id, reference);
}

/** The props as the construct uses them; a BAD_ARGUMENT error names the one that is wrong. */
export function checkProps(given: LambdaskBackendProps | undefined): CheckedProps {
  const props = checkOptions<LambdaskBackendProps>(where, given, [
    "memoryMb",
    "timeoutS",
    "architecture",
    "reservedConcurrency",
    "bucket",
    "scratchDays",
    "keepBucket",
    "logRetention",
    "readBuckets",
    "writeBuckets",
    "workerAsset",
  ]);
  const { reservedConcurrency } = props;
  if (reservedConcurrency !== undefined) {
    wholeNumber(`${where}: reservedConcurrency`, reservedConcurrency, { min: 1 });
  }
  return {
    ...props,
    memoryMb: wholeNumber(`${where}: memoryMb`, props.memoryMb ?? deploymentDefaults.memoryMb, {
      min: memoryMbMin,
      max: memoryMbMax,
    }),
    timeoutS: wholeNumber(`${where}: timeoutS`, props.timeoutS ?? deploymentDefaults.timeoutS, {
      min: timeoutSMin,
      max: timeoutSMax,
    }),
    scratchDays: wholeNumber(
      `${where}: scratchDays`,
      props.scratchDays ?? deploymentDefaults.scratchDays,
      { min: 1, max: 3650 },
    ),
  };
}
