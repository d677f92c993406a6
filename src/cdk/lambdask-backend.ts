import { Stack } from "aws-cdk-lib";
import { ManagedPolicy } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import { requireNode } from "../base/require-node.ts";
import { acceptWildcards } from "./accept.ts";
import { bucketOf, checkProps, type LambdaskBackendProps } from "./backend-props.ts";
import { outputValues } from "./outputs.ts";
import { clientPermissions } from "./permissions.ts";
import { readPermissions, statements, writePermissions } from "./policies.ts";
import { scratchBucket } from "./scratch-bucket.ts";
import { workerFunction } from "./worker-function.ts";

/**
 * Where lambdask programs run in the cloud: a bucket, a worker function, and a policy for who uses them. One per
 * stack, for programs find it by the outputs of its stack.
 * @example
 * ```ts
 * const stack = new Stack(app, "Lambdask");
 * const backend = new LambdaskBackend(stack, "Backend", { memoryMb: 3538 });
 * backend.clientPolicy.attachToRole(role);
 * ```
 */
export class LambdaskBackend extends Construct {
  /** Where chunks and run records lie. */
  readonly bucket: IBucket;
  /** The function that runs tasks. */
  readonly worker: IFunction;
  /** All that a program needs which uses this backend. */
  readonly clientPolicy: ManagedPolicy;

  constructor(scope: Construct, id: string, props?: LambdaskBackendProps) {
    super(scope, id);
    requireNode();
    const checked = checkProps(props);
    const { scratchDays, keepBucket = false } = checked;
    this.bucket =
      checked.bucket === undefined
        ? scratchBucket(this, { scratchDays, keepBucket })
        : bucketOf(this, checked.bucket);
    const usersOwn = [
      ...readPermissions(this, checked.readBuckets ?? []),
      ...writePermissions(this, checked.writeBuckets ?? []),
    ];
    this.worker = workerFunction(this, { bucket: this.bucket, usersOwn, props: checked });
    const permissions = [
      ...clientPermissions({
        bucket: this.bucket.bucketArn,
        worker: this.worker.functionArn,
        stack: Stack.of(this).stackId,
      }),
      ...usersOwn,
    ];
    this.clientPolicy = new ManagedPolicy(this, "ClientPolicy", {
      description: "What programs need that run on this lambdask backend.",
      statements: statements(permissions),
    });
    acceptWildcards(this.clientPolicy, permissions);
    outputValues(this, { bucket: this.bucket, worker: this.worker, props: checked });
  }
}
