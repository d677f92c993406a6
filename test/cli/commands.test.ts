import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { settingNames } from "../../src/cdk/setting-names.ts";
import { commands } from "../../src/cli/commands.ts";
import { missingFrom } from "../../src/cli/run-cdk.ts";
import { runCommand } from "../../src/cli/run-command.ts";
import { daysOf } from "../../src/cli/values.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
});
afterEach(() => vi.restoreAllMocks());

describe("the command line", () => {
  test("lists its commands, with or without being asked", async () => {
    expect(await runCommand([])).toBe(0);
    expect(await runCommand(["--help"])).toBe(0);
    for (const text of lines) {
      for (const name of commands.keys()) expect(text).toContain(`  ${name} `);
    }
  });

  test("tells the options of a command without running it", async () => {
    expect(await runCommand(["destroy", "--yes", "--help"])).toBe(0);
    expect(lines.join("\n")).toContain("--keep-data");
  });

  test("names what it does not know", async () => {
    await expect(runCommand(["deplo"])).rejects.toThrow("use one of: deploy, destroy, doctor, gc");
    await expect(runCommand(["deploy", "--memory", "1"])).rejects.toThrow("--memory");
    await expect(runCommand(["gc", "--older-than-days"])).rejects.toThrow("--older-than-days");
  });

  test("has an option for every setting of the stack", () => {
    const flags = commands.get("deploy")?.options.map(({ flag }) => flag);
    for (const name of settingNames) {
      expect(flags).toContain(name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
    }
  });

  test("notices which package the stack's app would miss", () => {
    expect(missingFrom(import.meta.url)).toBeUndefined();
    using folder = temporaryFolder();
    const from = path.join(folder.path, "app.mjs");
    expect(missingFrom(from)).toBe("aws-cdk-lib");
    const lib = path.join(folder.path, "node_modules/aws-cdk-lib");
    fs.mkdirSync(lib, { recursive: true });
    fs.writeFileSync(path.join(lib, "package.json"), '{ "name": "aws-cdk-lib" }');
    expect(missingFrom(from)).toBe("constructs");
  });

  test("takes days as numbers only", () => {
    expect(daysOf({}, "older-than-days", 7)).toBe(7);
    expect(daysOf({ "older-than-days": "0.5" }, "older-than-days", 7)).toBe(0.5);
    expect(() => daysOf({ "older-than-days": "soon" }, "older-than-days", 7)).toThrow('"soon"');
    expect(() => daysOf({ "older-than-days": "" }, "older-than-days", 7)).toThrow(
      "a number of days",
    );
  });
});
