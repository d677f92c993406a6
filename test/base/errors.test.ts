import vm from "node:vm";
import { describe, expect, test } from "vitest";
import { assert, present, unreachable } from "../../src/base/assert.ts";
import { badArgument, isLambdaskError, LambdaskError, shortly } from "../../src/base/errors.ts";

describe("an error of the library", () => {
  const error = new LambdaskError("SOURCE", {
    message: "file: not found: a.csv",
    fix: "check the path",
    cause: new Error("ENOENT"),
    data: { url: "a.csv" },
  });

  test("says what happened, what to do and its code, and carries facts", () => {
    expect(error.message).toBe("file: not found: a.csv\n  fix: check the path [SOURCE]");
    expect(error.name).toBe("LambdaskError");
    expect(error.fix).toBe("check the path");
    expect(error.data).toEqual({ url: "a.csv" });
    expect(error.cause).toMatchObject({ message: "ENOENT" });
    expect(error).toBeInstanceOf(Error);
    expect(new LambdaskError("BUG", { message: "m" }).message).toBe("m [BUG]");
    expect("cause" in new LambdaskError("BUG", { message: "m" })).toBe(false);
  });

  test("is told by its code, not by its class", () => {
    expect(isLambdaskError(error)).toBe(true);
    expect(isLambdaskError(error, "SOURCE")).toBe(true);
    expect(isLambdaskError(error, "STORE")).toBe(false);
    expect(isLambdaskError(new Error("SOURCE"))).toBe(false);
    expect(isLambdaskError({ code: "SOURCE" })).toBe(false);
    for (const value of [undefined, null, 1, "SOURCE"]) expect(isLambdaskError(value)).toBe(false);
    const foreign: unknown = vm.runInNewContext(
      'Object.assign(new Error("m"), { code: "STORE", [Symbol.for("lambdask.error")]: true })',
      { Symbol },
    );
    expect(isLambdaskError(foreign, "STORE")).toBe(true);
  });

  test("for a bad argument names the place, what was expected and what came", () => {
    const bad = badArgument("bag.map: fn", "a function", 5);

    expect(bad.code).toBe("BAD_ARGUMENT");
    expect(bad.message).toContain("bag.map: fn: expected a function, got 5");
  });
});

test.each([
  ["x", '"x"'],
  ["y".repeat(100), `"${"y".repeat(57)}…"`],
  [5n, "5n"],
  [undefined, "undefined"],
  [null, "null"],
  [Symbol("s"), "Symbol(s)"],
  [() => 1, "a function"],
  [[1, 2], "an array of 2"],
  [{ toString: () => "never called" }, "an object"],
])("%o is shortly %s", (value, text) => {
  expect(shortly(value)).toBe(text);
});

describe("assertions", () => {
  test("let through what holds, and are defects of ours where it does not", () => {
    assert(1, "one");
    expect(present(0, "zero")).toBe(0);
    for (const broken of [
      () => assert(0, "no"),
      () => present(undefined, "it"),
      () => present(null, "it"),
      // A value that the types say cannot be.
      () => unreachable("x" as never),
    ]) {
      expect(broken).toThrow(/^internal: .*\[BUG\]$/s);
    }
  });
});
