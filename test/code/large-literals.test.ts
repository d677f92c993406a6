import { expect, test } from "vitest";
import type { CodeModule } from "../../src/backend/shipped-function.ts";
import { importRequests } from "../../src/code/bundle/module-imports.ts";
import { functionSyntax } from "../../src/code/function-syntax.ts";
import { isDeclaredAt } from "../../src/code/module-bindings.ts";

/** More items than a call takes arguments. */
const zeros = "0,".repeat(200_000);
const list = `[${zeros}]`;

test("what code with a very long list imports is found", () => {
  const text = `import { a } from "one";\nconst words = ${list};\nawait import("two");`;
  const requests = importRequests({ text, url: "file:///code.mjs" } as CodeModule);
  expect(requests.map(({ specifier }) => specifier).toSorted()).toEqual(["one", "two"]);
});

test("a function in a very long list is told from one that is declared", () => {
  const text = `const words = [${zeros}function () {}];\nfunction a() {}`;
  expect(isDeclaredAt(text, text.indexOf("function a"))).toBe(true);
  expect(isDeclaredAt(text, text.indexOf("function ()"))).toBe(false);
});

test("a method that holds one is read", () => {
  expect(() => functionSyntax(`method() { return ${list}; }`)).not.toThrow();
});
