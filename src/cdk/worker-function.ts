import { Duration, RemovalPolicy, Validations } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Architecture, Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { workerEnvironment, workerHandler } from "../aws/deployment.ts";
import { acceptWildcards } from "./accept.ts";
import type { CheckedProps } from "./backend-props.ts";
import { type Permission, workerPermissions } from "./permissions.ts";
import { statements } from "./policies.ts";
import { workerAsset } from "./worker-asset.ts";

const neverAsync = "Clients wait for the answer of every invocation: none is asynchronous.";

/** The worker function with its role and its log group. */
export function workerFunction(
  scope: Construct,
  given: {
    readonly bucket: IBucket;
    readonly usersOwn: readonly Permission[];
    readonly props: CheckedProps;
  },
): LambdaFunction {
  const { bucket, usersOwn, props } = given;
  const logGroup = new LogGroup(scope, "WorkerLogs", {
    retention: props.logRetention ?? RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const own = workerPermissions({ bucket: bucket.bucketArn, logGroup: logGroup.logGroupArn });
  const { reservedConcurrency } = props;
  const worker = new LambdaFunction(scope, "Worker", {
    description: "Runs tasks of lambdask programs.",
    runtime: Runtime.NODEJS_24_X,
    handler: workerHandler,
    code: Code.fromAsset(workerAsset(props.workerAsset)),
    memorySize: props.memoryMb,
    timeout: Duration.seconds(props.timeoutS),
    architecture: props.architecture ?? Architecture.X86_64,
    ...(reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: reservedConcurrency }),
    // The scheduler decides about retries: Lambda's own would run a task twice behind its back.
    retryAttempts: 0,
    environment: { [workerEnvironment.bucket]: bucket.bucketName },
    role: workerRole(scope, [...own, ...usersOwn]),
    logGroup,
  });
  Validations.of(worker).acknowledge(
    { id: "Serverless-LambdaDLQ", reason: neverAsync },
    { id: "Serverless-LambdaAsyncFailureDestination", reason: neverAsync },
    {
      id: "Serverless-LambdaTracing",
      reason:
        "Every task's times are in the run's own record; tracing would need more permissions.",
    },
  );
  return worker;
}

function workerRole(scope: Construct, permissions: readonly Permission[]): Role {
  const role = new Role(scope, "WorkerRole", {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    description: "What lambdask workers may do.",
  });
  for (const statement of statements(permissions)) role.addToPolicy(statement);
  acceptWildcards(role, permissions);
  return role;
}
