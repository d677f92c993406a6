import { callerKey, callerRegion } from "../aws/caller.ts";
import { concurrencyFacts, expirationRules } from "../aws/inspect-stack.ts";
import { contentsOf } from "./bucket-contents.ts";
import { type Finding, findingText, found } from "./check-list.ts";
import type { CommandValues } from "./command.ts";
import {
  concurrencyFinding,
  credentialsFinding,
  leftoversFinding,
  lifecycleFinding,
  regionFinding,
  versionFinding,
} from "./diagnoses.ts";
import { type FoundStack, findStack, givenPlace, withBucket } from "./place.ts";
import { conditionalPut, roundTrips } from "./try-stack.ts";

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
  ["leftovers", async (stack) => leftoversFinding(await withBucket(stack, contentsOf))],
];

/** `lambdask doctor`: checks the stack from end to end; the exit code is 1 if something is bad. */
export async function doctor(values: CommandValues): Promise<number> {
  const place = givenPlace(values);
  let stack: FoundStack | undefined;
  const first: readonly (readonly [string, () => Promise<Finding>])[] = [
    ["region", async () => regionFinding(await callerRegion(place), place)],
    ["credentials", async () => credentialsFinding(await callerKey(place))],
    [
      "stack",
      async () => {
        stack = await findStack(values);
        const { bucketName, workerFunctionName } = stack.deployment;
        return { kind: "good", what: `${stack.stack}: ${workerFunctionName}, ${bucketName}` };
      },
    ],
  ];
  // Each of these needs the one before it.
  for (const [title, check] of first) if (await isBad(title, check)) return 1;
  if (stack === undefined) return 1;
  let bad = 0;
  for (const [title, check] of checks) {
    const open: FoundStack = stack;
    if (await isBad(title, () => check(open))) bad++;
  }
  return bad === 0 ? 0 : 1;
}

async function isBad(title: string, check: () => Promise<Finding>): Promise<boolean> {
  const finding = await found(check);
  console.log(findingText(title, finding));
  return finding.kind === "bad";
}
