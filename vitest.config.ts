import { defineConfig, type ViteUserConfig } from "vitest/config";
import { allCasesVariable } from "./test/memory/turns.ts";

const slow = "test/**/*.slow.test.ts";
const deep = "test/**/*.deep.test.ts";
/** Of whose cases the slow suite runs those whose turn it is, and the deep suite all. */
const inTurns = ["test/memory/*.slow.test.ts", "test/probes/memory*.slow.test.ts"];
/** What deploys by CDK, which the emulator of our own cannot do. */
const deployed = "test/emulators/deployed/**/*.test.ts";
/** Every port that can be on AWS, on the server that is tested. */
const contracts = "test/contract/{chunk-store,run-store,byte-source,invoker}.test.ts";
const onBuiltin = (process.env["EMULATOR"] ?? "builtin") === "builtin";

/** Many tests start worker processes of their own, so two test files at once fill two cores. */
const shared = {
  environment: "node",
  pool: "forks",
  testTimeout: 60_000,
  hookTimeout: 60_000,
} as const;

const typecheck = {
  enabled: true,
  include: ["test/types/**/*.test-d.ts"],
  // A half-written source file should fail `tsc`, not every test run.
  ignoreSourceErrors: true,
};

const config: ViteUserConfig = defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "fast",
          include: ["test/**/*.test.ts"],
          exclude: [slow, deep, deployed],
          typecheck,
        },
      },
      {
        test: {
          ...shared,
          name: "emulators",
          include: ["test/emulators/**/*.test.ts", ...(onBuiltin ? [] : [contracts])],
          exclude: [slow, deep, ...(onBuiltin ? [deployed] : ["test/emulators/builtin/**"])],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // All of them share one bucket and a few workers.
          fileParallelism: false,
        },
      },
      { test: { ...shared, name: "slow", include: [slow], testTimeout: 600_000 } },
      {
        test: {
          ...shared,
          name: "deep",
          include: [deep, ...inTurns],
          env: { [allCasesVariable]: "yes" },
          testTimeout: 1_800_000,
        },
      },
    ],
  },
});

export default config;
