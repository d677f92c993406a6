import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromSequence, readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";

let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
  cloud.aws.s3.createBucket("users-own");
});
afterAll(() => cloud[Symbol.asyncDispose]());

test("text of this machine is read on Lambda, and written to a bucket of the user's", async () => {
  using folder = temporaryFolder();
  for (const n of [1, 2]) fs.writeFileSync(path.join(folder.path, `${n}.txt`), `to be\nor ${n}\n`);
  await using _client = await connect({ backend: cloud.backend(), progress: "none" });
  const lines = readText(path.join(folder.path, "*.txt"), { blockBytes: 7 });
  const expected = ["to be", "or 1", "to be", "or 2"];
  expect(await lines.compute()).toEqual(expected);
  expect(await lines.compute()).toEqual(expected);
  const uploads = cloud.aws.log.requests.filter(
    ({ operation, resource }) => operation === "PutObject" && resource.includes("/inputs/"),
  );
  expect(uploads).toHaveLength(2);

  const urls = await lines.writeText("s3://users-own/out/*.txt");
  expect(urls).toHaveLength(4);
  expect(await readText("s3://users-own/out/?.txt").compute()).toEqual(expected);
  const local = fromSequence(["a"]).writeText(path.join(folder.path, "out-*.txt"));
  await expect(local).rejects.toThrow("cannot reach files of the machine that started it");
});
