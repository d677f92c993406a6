import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { LambdaskError } from "../base/errors.ts";
import { lookUpProblem } from "./look-up-problem.ts";
import type { AwsPlace } from "./place.ts";

/** The region that requests go to, found as any AWS tool finds it; nothing is sent. */
export async function callerRegion(place: AwsPlace): Promise<string> {
  return await withConfig(place, async ({ region }) => await region());
}

/** The access key that requests are signed with. */
export async function callerKey(place: AwsPlace): Promise<string> {
  return await withConfig(place, async ({ credentials }) => (await credentials()).accessKeyId);
}

async function withConfig<T>(
  place: AwsPlace,
  ask: (config: CloudFormationClient["config"]) => Promise<T>,
): Promise<T> {
  const client = new CloudFormationClient(place);
  try {
    return await ask(client.config);
  } catch (cause) {
    const { what, fix } = lookUpProblem(cause, { region: place.region ?? "no region" });
    throw new LambdaskError("NO_WORKERS", { message: what, fix, cause });
  } finally {
    client.destroy();
  }
}
