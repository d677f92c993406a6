import type { Command, CommandOption } from "./command.ts";

const stack: CommandOption = {
  flag: "stack",
  value: "NAME",
  what: "the stack; Lambdask by default",
};
const region: CommandOption = {
  flag: "region",
  value: "REGION",
  what: "the region; AWS_REGION or the profile's by default",
};
const yes: CommandOption = { flag: "yes", what: "do not ask" };

/** The options of `deploy` that become settings of the stack, by the flag: `--memory-mb` is `memoryMb`. */
const settings: readonly CommandOption[] = [
  { flag: "memory-mb", value: "MB", what: "memory of one worker; 1769 by default" },
  { flag: "timeout-s", value: "SECONDS", what: "longest invocation; 900 by default" },
  { flag: "architecture", value: "NAME", what: "x86_64 (default) or arm64" },
  { flag: "reserved-concurrency", value: "N", what: "workers at once, kept free for this stack" },
  { flag: "bucket", value: "NAME", what: "a bucket of yours instead of a new one" },
  { flag: "scratch-days", value: "DAYS", what: "until scratch objects are removed; 7 by default" },
  { flag: "keep-bucket", what: "leave the bucket behind when the stack is destroyed" },
  { flag: "read-buckets", value: "NAMES", what: "buckets of yours that programs may read: a,b" },
  { flag: "write-buckets", value: "NAMES", what: "buckets of yours that programs may write to" },
];

/** The commands by name. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>([
  [
    "deploy",
    {
      summary: "make the stack or change it, by the CDK",
      options: [stack, region, ...settings, yes],
      load: async () => (await import("./deploy.ts")).deploy,
    },
  ],
  [
    "destroy",
    {
      summary: "remove the stack and what lies in its bucket",
      options: [
        stack,
        region,
        { flag: "keep-data", what: "leave the bucket's objects alone" },
        yes,
      ],
      load: async () => (await import("./destroy.ts")).destroy,
    },
  ],
  [
    "doctor",
    {
      summary: "check the stack, its permissions and its limits",
      options: [stack, region],
      load: async () => (await import("./doctor.ts")).doctor,
    },
  ],
  [
    "gc",
    {
      summary: "show what no run needs any more, and remove it",
      options: [
        stack,
        region,
        { flag: "older-than-days", value: "DAYS", what: "7 by default" },
        { flag: "delete", what: "remove it; without, it is only shown" },
      ],
      load: async () => (await import("./gc.ts")).gc,
    },
  ],
]);
