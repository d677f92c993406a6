import type { BuildOptions } from "esbuild";

/** Packages as Node itself would read them, not as bundlers for browsers do. */
export const nodeResolution: Pick<BuildOptions, "platform" | "mainFields" | "conditions"> = {
  platform: "node",
  mainFields: ["main"],
  conditions: ["module-sync"],
};
