import { concurrencyFacts, expirationRules } from "../aws/inspect-stack.ts";
import { type Finding, findingText, found } from "./check-list.ts";
import type { CommandValues } from "./command.ts";
import {
  concurrencyFinding,
  leftoversFinding,
  lifecycleFinding,
  versionFinding,
} from "./diagnoses.ts";
import { type FoundStack, findStack, withBucket } from "./place.ts";
import { conditionalPut, leftovers, roundTrips } from "./try-stack.ts";

type Check = (stack: FoundStack) => Promise<Finding>;

const checks: readonly (readonly [string, Check])[] = [
  ["version", async ({ deployment }) => versionFinding(deployment)],
  ["put if absent", (stack) => withBucket(stack, conditionalPut)],
  ["round trips", roundTrips],
  [
    "concurrency",
    async ({ deployment, place }) => concurrencyFinding(await concurrencyFacts(deployment, place)),
  ],
  [
    "lifecycle",
    async ({ deployment, place }) =>
      lifecycleFinding(await expirationRules(deployment, place), deployment),
  ],
  ["leftovers", async (stack) => leftoversFinding(await withBucket(stack, leftovers))],
];

/** `lambdask doctor`: checks the stack from end to end; the exit code is 1 if something is bad. */
export async function doctor(values: CommandValues): Promise<number> {
  let stack: FoundStack | undefined;
  const looked = await found(async () => {
    stack = await findStack(values);
    const { bucketName, workerFunctionName } = stack.deployment;
    return { kind: "good", what: `${stack.stack}: ${workerFunctionName}, ${bucketName}` };
  });
  console.log(findingText("stack", looked));
  if (stack === undefined) return 1;
  let bad = 0;
  for (const [title, check] of checks) {
    const open = stack;
    const finding = await found(() => check(open));
    console.log(findingText(title, finding));
    if (finding.kind === "bad") bad++;
  }
  return bad === 0 ? 0 : 1;
}
