import { expect, test } from "vitest";
import { isLambdaskError } from "../../src/base/errors.ts";
import { type RuntimeFacts, requireSupportedRuntime } from "../../src/code/runtime.ts";
import { ProgramFolder } from "./support/programs.ts";

function complaint(facts: Partial<RuntimeFacts>): string {
  try {
    requireSupportedRuntime({ versions: { node: "24.0.0" }, inspectorForbidden: false, ...facts });
  } catch (error) {
    if (isLambdaskError(error, "UNSUPPORTED_RUNTIME")) return error.message;
    throw error;
  }
  return "";
}

test("Node 24 and later is supported, the one that runs this included", () => {
  expect(complaint({})).toBe("");
  expect(complaint({ versions: { node: "26.1.0" } })).toBe("");
  expect(() => requireSupportedRuntime()).not.toThrow();
});

test.each([
  ["Bun", { versions: { node: "24.3.0", bun: "1.4.5" } }, /^Bun cannot show .*\n.*Node 24/],
  ["Deno", { versions: { node: "24.3.0", deno: "2.9.6" } }, /^Deno cannot show .*\n.*Node 24/],
  ["Node 22", { versions: { node: "22.23.3" } }, /^Node 22\.23\.3 is too old/],
  ["no inspector", { inspectorForbidden: true }, /permission model.*\n.*--allow-inspector/],
])("%s is refused with a way out", (_name, facts, expected) => {
  expect(complaint(facts)).toMatch(expected);
});

test("a program under --permission is told which flag is missing", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "main.ts": `import { capture } from "#src/code/capture.ts";
try {
  capture(() => 1);
  console.log(JSON.stringify("captured"));
} catch (error) {
  console.log(JSON.stringify(error.code + error.fix));
}
`,
  });
  const permission = ["--permission", "--allow-fs-read=*"];
  expect(await folder.run("main.ts", permission)).toMatch(
    /^UNSUPPORTED_RUNTIME.*--allow-inspector/,
  );
  expect(await folder.run("main.ts", [...permission, "--allow-inspector"])).toBe("captured");
});

test("importing the library loads neither the parser nor the inspector", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "main.ts": `import "#src/code/capture.ts";
import "#src/code/link.ts";
import module from "node:module";
const loaded = process.moduleLoadList.includes("NativeModule inspector");
const acorn = Object.keys(module.createRequire(import.meta.url).cache).some((f) => f.includes("/acorn/"));
console.log(JSON.stringify([loaded, acorn]));
`,
  });
  expect(await folder.run("main.ts")).toEqual([false, false]);
});
