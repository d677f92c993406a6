/** Names of the settings that the app takes from CDK's context: `npx cdk deploy -c memoryMb=3538`. */
export const settingNames = [
  "stack",
  "memoryMb",
  "timeoutS",
  "architecture",
  "reservedConcurrency",
  "bucket",
  "scratchDays",
  "keepBucket",
  "readBuckets",
  "writeBuckets",
] as const;

/** One of the settings. */
export type SettingName = (typeof settingNames)[number];
