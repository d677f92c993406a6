import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { findFiles } from "../../src/formats/find-files.ts";
import { errorOf } from "../contract/error-of.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const at = (name: string): string => path.join(folder.path, name);

writeFileSync(at("a.txt"), "a");
writeFileSync(at("b.txt"), "bb");
mkdirSync(at("folder.txt"));
symlinkSync(at("missing"), at("broken.txt"));

test("a pattern's files in order of path, without folders and links to nothing", () => {
  const found = findFiles("here", [at("*.txt"), pathToFileURL(at("a.txt"))]);
  expect(found.map(({ url, bytes }) => [url, bytes])).toEqual(
    [
      ["a.txt", 1],
      ["b.txt", 2],
      ["a.txt", 1],
    ].map(([name, bytes]) => [pathToFileURL(at(String(name))).href, bytes]),
  );
});

describe("what is no file is a SOURCE error that names it", () => {
  const wrong: readonly (readonly [string, () => string, string])[] = [
    ["nothing", () => at("no.txt"), "there is no file"],
    ["a link to nothing", () => at("broken.txt"), "there is no file"],
    ["a file for a folder", () => at("a.txt/b.txt"), "there is no file"],
    ["a folder", () => at("folder.txt"), "is a folder"],
    ["a pattern without files", () => at("*.csv"), "no file matches"],
    ["too long a name", () => at("x".repeat(300)), "cannot be looked at: ENAMETOOLONG"],
    [
      "a circle of links",
      () => {
        symlinkSync(at("two"), at("one"));
        symlinkSync(at("one"), at("two"));
        return at("one");
      },
      "cannot be looked at: ELOOP",
    ],
  ];
  test.each(wrong)("%s", async (_name, make, why) => {
    const file = make();
    const error = await errorOf(() => findFiles("here", [file]));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("here: ");
    expect(error.message).toContain(file);
    expect(error.message).toContain(why);
    expect(error.fix).not.toBe("");
  });

  test("a URL of a kind that nobody reads, with the kinds that are read", async () => {
    const error = await errorOf(() => findFiles("here", ["gs://bucket/a.txt"]));
    expect(error.code).toBe("BAD_ARGUMENT");
    expect(error.message).toContain("file:, https: or s3:");
  });

  test.skipIf(process.platform === "win32")("a pipe, which would be waited for", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    const error = await errorOf(() => findFiles("here", [at("pipe")]));
    expect(error.message).toContain("pipe is no plain file");
  });

  test.runIf(process.platform === "linux")("what the system makes when it is read", async () => {
    const error = await errorOf(() => findFiles("here", ["/proc/vers?on"]));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("here: /proc/version says that it is empty, and is not");
    writeFileSync(at("empty.md"), "");
    expect(findFiles("here", [at("empty.md")])).toMatchObject([{ bytes: 0 }]);
  });

  test.skipIf(process.platform === "win32" || process.getuid?.() === 0)(
    "a file in a folder that may not be entered",
    async () => {
      mkdirSync(at("closed"), { mode: 0 });
      const error = await errorOf(() => findFiles("here", [at("closed/a.txt")]));
      expect(error.message).toContain("EACCES");
    },
  );
});
