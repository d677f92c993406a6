import { CfnOutput, Stack } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { keepsBucketKey, outputKeys, protocolVersion } from "../aws/deployment.ts";
import type { CheckedProps } from "./backend-props.ts";

/** The stack's outputs, under the very names that the client looks for. */
export function outputValues(
  scope: Construct,
  made: { readonly bucket: IBucket; readonly worker: IFunction; readonly props: CheckedProps },
): void {
  const { bucket, worker, props } = made;
  const values = {
    bucketName: bucket.bucketName,
    workerFunctionName: worker.functionName,
    protocolVersion: String(protocolVersion),
    memoryMb: String(props.memoryMb),
    timeoutS: String(props.timeoutS),
    reservedConcurrency: String(props.reservedConcurrency ?? "unreserved"),
    scratchDays: String(props.scratchDays),
  } satisfies Record<keyof typeof outputKeys, string>;
  for (const [name, value] of Object.entries(values)) {
    output(scope, outputKeys[name as keyof typeof outputKeys], value); // Object.entries forgets the keys' type.
  }
  output(scope, keepsBucketKey, String(props.keepBucket === true || props.bucket !== undefined));
}

function output(scope: Construct, key: string, value: string): void {
  new CfnOutput(Stack.of(scope), key, { value }).overrideLogicalId(key);
}
