import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  DescribeStacksCommand,
} from "@aws-sdk/client-cloudformation";
import { protocolVersion } from "../backend/task.ts";
import { LambdaskError } from "../base/errors.ts";
import { type Deployment, deploymentOf } from "./deployment.ts";
import { lookUpProblem } from "./look-up-problem.ts";
import type { AwsPlace } from "./place.ts";
import { protocolProblem } from "./protocol-problem.ts";

const connectionTimeout = 10_000;

/** Where a stack is looked for. */
export interface StackPlace extends AwsPlace {
  readonly stack: string;
}

/** The deployment of a stack, by its outputs; a NO_WORKERS error if there is none, MISMATCH if it is of another version. */
export async function findDeployment({ stack, ...place }: StackPlace): Promise<Deployment> {
  const found = deploymentOf(await stackOutputs(stack, place));
  if ("missing" in found) {
    throw new LambdaskError("NO_WORKERS", {
      message: `stack ${stack}: its output ${found.missing} is missing: it is no stack of lambdask, or of another version`,
      fix: "deploy it with this version of lambdask, or name another stack",
    });
  }
  if (found.protocolVersion === protocolVersion) return found;
  const { what, fix } = protocolProblem(found.protocolVersion);
  throw new LambdaskError("MISMATCH", { message: `stack ${stack}: ${what}`, fix });
}

/** Outputs of a stack by their keys; a NO_WORKERS error that says why if it cannot be looked up. */
export async function stackOutputs(
  stack: string,
  place: CloudFormationClientConfig,
): Promise<ReadonlyMap<string, string>> {
  const client = new CloudFormationClient({ ...place, requestHandler: { connectionTimeout } });
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stack }));
    const outputs = Stacks[0]?.Outputs ?? [];
    return new Map(outputs.map(({ OutputKey = "", OutputValue = "" }) => [OutputKey, OutputValue]));
  } catch (cause) {
    const { what, fix } = lookUpProblem(cause, {
      region: await client.config.region().catch(() => "no region"),
      ...(typeof place.endpoint === "string" ? { endpoint: place.endpoint } : {}),
    });
    const message = `stack ${stack} cannot be looked up: ${what}`;
    throw new LambdaskError("NO_WORKERS", { message, fix, cause });
  } finally {
    client.destroy();
  }
}
