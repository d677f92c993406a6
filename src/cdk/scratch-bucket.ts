import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { scratchPrefixes } from "../aws/deployment.ts";

/**
 * The backend's own bucket: private, encrypted, TLS only; scratch goes after `scratchDays`. CloudFormation removes it
 * only when it is empty, so that destroying a stack never destroys data: `lambdask destroy` empties it first.
 */
export function scratchBucket(
  scope: Construct,
  { scratchDays, keepBucket }: { readonly scratchDays: number; readonly keepBucket: boolean },
): IBucket {
  const bucket = new Bucket(scope, "Bucket", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    removalPolicy: keepBucket ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    lifecycleRules: [
      { id: "abandoned-uploads", abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ...scratchPrefixes.map((prefix) => ({
        id: `scratch-${prefix.replace("/", "")}`,
        prefix,
        expiration: Duration.days(scratchDays),
      })),
    ],
  });
  Validations.of(bucket).acknowledge({
    id: "AwsSolutions-S1",
    reason:
      "Objects are scratch under names that say nothing; access logs would cost as many requests again.",
  });
  return bucket as IBucket; // CDK declares Bucket without exactOptionalPropertyTypes in mind.
}
