import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";
import { delayed } from "../../src/index.ts";
import { cloudClient } from "./cloud.ts";

cloudClient();

/** MiniStack starts functions itself, without limits on what they see. */
const isLimited = process.env["EMULATOR"] !== "ministack";

test.runIf(isLimited)(
  "functions see their own folder, and neither other files of this machine nor the project's packages",
  async () => {
    const look = delayed((file: string, name: string) => {
      const said = (read: () => unknown): unknown => {
        try {
          return read();
        } catch (error) {
          return (error as { code?: unknown }).code;
        }
      };
      const own = `${process.cwd()}/handler.mjs`;
      return [
        said(() => readFileSync(file, "utf8")),
        said(() => createRequire(own)(name)),
        said(() => readFileSync(own).length > 0),
      ];
    });
    const seen = await look(import.meta.filename, "lodash").compute();
    expect(seen).toEqual(["ERR_ACCESS_DENIED", "MODULE_NOT_FOUND", true]);
  },
);
