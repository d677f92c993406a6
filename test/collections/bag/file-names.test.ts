import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { fromSequence, readText } from "../../../src/bag.ts";
import { errorOf, sharedClient, temporaryFolder } from "../../client/support.ts";

sharedClient({ inline: true });
const folder = temporaryFolder();

test("a file packed as it cannot be read is refused at the call", async () => {
  const file = path.join(folder.path, "a.txt.bz2");
  writeFileSync(file, "BZh9");
  expect(await errorOf(() => readText(file))).toMatchObject({
    code: "BAD_ARGUMENT",
    message: expect.stringContaining("a.txt.bz2 is packed in a way") as unknown,
  });
  expect(await readText(file, { compression: "none" }).compute()).toEqual(["BZh9"]);
});

test("so is one that would be written", async () => {
  const write = (): Promise<string[]> =>
    fromSequence(["a"]).writeText(path.join(folder.path, "b-*.txt.xz"));
  expect(await errorOf(write)).toMatchObject({ code: "BAD_ARGUMENT" });
});

test("a name in capitals is packed and unpacked as one in small letters", async () => {
  const pattern = path.join(folder.path, "C-*.TXT.GZ");
  await fromSequence(["a", "b"]).writeText(pattern);
  expect(await readText(pattern).compute()).toEqual(["a", "b"]);
  expect(await readText(pattern, { compression: "none" }).take(1)).not.toEqual(["a"]);
});

test("a file on another machine is refused at the call", async () => {
  expect(await errorOf(() => readText("file://elsewhere/a.txt"))).toMatchObject({
    code: "SOURCE",
    message: expect.stringContaining("file://elsewhere/a.txt is no URL of a file") as unknown,
  });
});
