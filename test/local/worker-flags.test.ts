import fs from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { compileCacheFolder } from "../../src/local/compile-cache.ts";
import { failureOfDeath } from "../../src/local/death.ts";
import { LineForwarder } from "../../src/local/line-forwarder.ts";
import { loaderFlags, memoryFlags } from "../../src/local/worker-flags.ts";
import { shouldRecycle } from "../../src/worker/memory-pressure.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const mebibyte = 2 ** 20;

describe("flags of a worker", () => {
  test("are the client's that load modules, with their values", () => {
    const flags = ["--import", "tsx", "--import=./a.mjs", "-r", "b.cjs", "-C", "source"];
    expect(loaderFlags(flags)).toEqual(flags);
    expect(loaderFlags(["--experimental-transform-types", "--no-warnings"])).toEqual([
      "--experimental-transform-types",
      "--no-warnings",
    ]);
  });

  test("are not the client's for debugging, profiling, evaluating and memory", () => {
    const flags = ["--inspect-brk=0", "--cpu-prof", "-e", "--import", "--max-old-space-size=9"];
    expect(loaderFlags(["--inspect", "--prof", "-e", "--max-old-space-size=9", "--watch"])).toEqual(
      [],
    );
    expect(loaderFlags(["--inspect-brk=0", ...flags.slice(3, 4), "x"])).toEqual(["--import", "x"]);
  });

  test("leave V8 what the cap leaves, and never less than it needs", () => {
    expect(memoryFlags(1024 * mebibyte, 96 * mebibyte)).toEqual([
      "--max-old-space-size=928",
      "--max-semi-space-size=16",
      "--initial-old-space-size=32",
    ]);
    expect(memoryFlags(128 * mebibyte, 120 * mebibyte)).toEqual([
      "--max-old-space-size=16",
      "--max-semi-space-size=2",
      "--initial-old-space-size=16",
    ]);
  });
});

describe("the folder for compiled code", () => {
  test("is one that only this user can write", () => {
    using folder = temporaryFolder();
    const made = compileCacheFolder(folder.path);
    if (made === undefined) throw new Error("none");
    expect(fs.statSync(made).mode & 0o077).toBe(0);
    expect(compileCacheFolder(folder.path)).toBe(made);
    fs.chmodSync(made, 0o777);
    expect(compileCacheFolder(folder.path)).toBeUndefined();
  });

  test("is none where there can be none, or where a link or file stands in its place", () => {
    using folder = temporaryFolder();
    const file = path.join(folder.path, "file");
    fs.writeFileSync(file, "");
    expect(compileCacheFolder(file)).toBeUndefined();
    const made = compileCacheFolder(folder.path) ?? "";
    fs.rmdirSync(made);
    fs.symlinkSync(folder.path, made);
    expect(compileCacheFolder(folder.path)).toBeUndefined();
  });
});

describe("lines of a worker", () => {
  function forwarded(pieces: readonly string[], end = true): string[] {
    const got: string[] = [];
    const lines = new LineForwarder((bytes) => got.push(Buffer.from(bytes).toString()));
    for (const piece of pieces) lines.push(Buffer.from(piece));
    if (end) lines.end();
    return got;
  }

  test("are passed on whole, the last one too", () => {
    expect(forwarded(["a", "b\nc", "d\ne\nf"])).toEqual(["ab\n", "cd\ne\n", "f\n"]);
    expect(forwarded(["a\n"])).toEqual(["a\n"]);
    expect(forwarded(["a"], false)).toEqual([]);
    expect(forwarded(["", "\n", ""])).toEqual(["\n"]);
  });

  test("are not waited for without end", () => {
    expect(forwarded(["x".repeat(2 * mebibyte)], false).join("")).toHaveLength(2 * mebibyte);
  });
});

describe("a worker's death", () => {
  const death = { code: null, signal: "SIGABRT", stderr: "", lastWords: "" };
  const cap = 100 * mebibyte;

  test.each([
    [{ ...death, stderr: "FATAL ERROR: Reached heap limit Allocation failed" }, "memory"],
    [{ ...death, code: 134, signal: null, stderr: "JavaScript heap out of memory" }, "memory"],
    [{ ...death, signal: "SIGKILL", lastWords: '{"bytes":7}' }, "memory"],
    [{ ...death, stderr: "Assertion failed" }, "worker-lost"],
    [
      { ...death, code: 1, signal: null, stderr: "heap out of memory, said the user" },
      "worker-lost",
    ],
    [{ ...death, signal: "SIGKILL" }, "worker-lost"],
  ])("%o means %s", (seen, kind) => {
    expect(failureOfDeath(seen, cap).kind).toBe(kind);
  });
});

describe("a worker is replaced", () => {
  const limits = { memoryBytes: 1000, reservedMemoryBytes: 200 };
  const probe = (before: number, after: number) => {
    let bytes = before;
    return {
      residentBytes: () => bytes,
      collectGarbage: () => {
        bytes = after;
      },
    };
  };

  test.each([
    [600, 0, false],
    [601, 600, false],
    [601, 601, true],
    [5000, 200, false],
  ])("when it has %i bytes, and %i after a collection: %s", (before, after, expected) => {
    expect(shouldRecycle(limits, probe(before, after))).toBe(expected);
  });
});
