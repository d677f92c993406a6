import { defineConfig, type ViteUserConfig } from "vitest/config";

const slow = "test/**/*.slow.test.ts";
const deep = "test/**/*.deep.test.ts";

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
          exclude: [slow, deep],
          typecheck,
        },
      },
      { test: { ...shared, name: "slow", include: [slow], testTimeout: 600_000 } },
      { test: { ...shared, name: "deep", include: [deep], testTimeout: 1_800_000 } },
    ],
  },
});

export default config;
