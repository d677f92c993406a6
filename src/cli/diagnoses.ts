import {
  bucketPrefixes,
  type Deployment,
  protocolVersion,
  scratchPrefixes,
} from "../aws/deployment.ts";
import type { ExpirationRule, StackFacts } from "../aws/inspect-stack.ts";
import type { AwsPlace } from "../aws/place.ts";
import { protocolProblem } from "../aws/protocol-problem.ts";
import { formatBytes } from "../base/byte-size.ts";
import type { BucketContents } from "./bucket-contents.ts";
import type { Finding } from "./check-list.ts";

/** Where requests go. */
export function regionFinding(region: string, { endpoint }: AwsPlace): Finding {
  return { kind: "good", what: endpoint === undefined ? region : `${region}, at ${endpoint}` };
}

/** Who asks: enough of the key to tell which it is. */
export function credentialsFinding(accessKeyId: string): Finding {
  return { kind: "good", what: `access key …${accessKeyId.slice(-4)}` };
}

/** Whether workers and this client understand each other. */
export function versionFinding({ protocolVersion: theirs }: Deployment): Finding {
  return theirs === protocolVersion
    ? { kind: "good", what: `protocol ${theirs}` }
    : { kind: "bad", ...protocolProblem(theirs) };
}

/** New accounts may have ten environments, where most have a thousand. */
const fewEnvironments = 100;

/** Whether there is room for many workers. */
export function concurrencyFinding({
  accountConcurrency,
  reservedConcurrency,
}: Omit<StackFacts, "expirationRules">): Finding {
  const reserved = reservedConcurrency === undefined ? "none" : String(reservedConcurrency);
  const what = `${accountConcurrency ?? "unknown"} in the account, ${reserved} reserved for this stack`;
  if (accountConcurrency === undefined || accountConcurrency >= fewEnvironments) {
    return { kind: "good", what };
  }
  return {
    kind: "odd",
    what,
    fix: 'ask AWS for more "Concurrent executions" of Lambda under Service Quotas',
  };
}

/** Whether scratch objects go by themselves, not sooner than the client believes. */
export function lifecycleFinding(
  rules: readonly ExpirationRule[],
  { scratchDays }: Deployment,
): Finding {
  const covering = (prefix: string): readonly ExpirationRule[] =>
    rules.filter((rule) => prefix.startsWith(rule.prefix));
  const without = scratchPrefixes.filter((prefix) => covering(prefix).length === 0);
  if (without.length > 0) {
    return {
      kind: "odd",
      what: `no rule removes old objects under ${without.join(" ")}`,
      fix: "add an expiration rule to the bucket, or run lambdask gc now and then",
    };
  }
  const days = Math.min(...scratchPrefixes.flatMap(covering).map((rule) => rule.days));
  if (days < scratchDays) {
    return {
      kind: "bad",
      what: `scratch is removed after ${days} days, the stack says ${scratchDays}`,
      fix: `deploy again with --scratch-days ${days}, or change the rule`,
    };
  }
  return (
    lastingFinding(covering) ?? { kind: "good", what: `scratch is removed after ${days} days` }
  );
}

const { keptChunks, kept, published } = bucketPrefixes;

/** What is wrong if a rule removes what was persisted or published. */
function lastingFinding(
  covering: (prefix: string) => readonly ExpirationRule[],
): Finding | undefined {
  const [rule] = [keptChunks, kept, published].flatMap(covering);
  if (rule === undefined) return undefined;
  return {
    kind: "odd",
    what: `what is persisted or published is removed after ${rule.days} days, by the rule for "${rule.prefix}"`,
    fix: `limit the rule to ${scratchPrefixes.join(" ")}`,
  };
}

/** How much has stayed behind. */
export function leftoversFinding({ corrupt, objects, bytes }: BucketContents): Finding {
  const what = `${objects} objects, ${formatBytes(bytes)}`;
  if (corrupt === 0) return { kind: "good", what };
  const fix = "look into bad/ if this goes on; lambdask gc --delete removes what is old";
  return { kind: "odd", what: `${what}; ${corrupt} of them were found corrupt`, fix };
}
