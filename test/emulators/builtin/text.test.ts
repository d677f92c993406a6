import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fromSequence, readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { startCounter } from "./observed.ts";

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
});

test.each(["txt", "txt.gz"])(
  "*.%s on this machine holds the same bytes as from local workers",
  async (type) => {
    using folder = temporaryFolder();
    const at = (name: string): string => path.join(folder.path, name);
    const records = Array.from({ length: 40 }, (_, i) => `line ${i} ä`);
    const write = async (place: string, partitions: number): Promise<string[]> =>
      await fromSequence(records, { partitions })
        .map((line) => `${line}!`)
        .writeText(at(`${place}/a b-*.${type}`));
    const names: string[][] = [];
    for (const place of ["local", "cloud"]) {
      const backend = place === "cloud" ? { backend: cloud.backend() } : { inline: true as const };
      await using _client = await connect({ ...backend, progress: "none" });
      // The second one replaces the first, which has more parts.
      await write(place, 12);
      names.push((await write(place, 3)).map((file) => path.relative(at(place), file)));
    }
    expect(names[0]).toEqual([0, 1, 2].map((i) => `a b-${i}.${type}`));
    expect(names[1]).toEqual(names[0]);
    const there = fs.readdirSync(at("local")).sort();
    expect(there).toHaveLength(4);
    expect(fs.readdirSync(at("cloud")).sort()).toEqual(there);
    for (const name of there) {
      const [local, remote] = ["local", "cloud"].map((place) =>
        fs.readFileSync(at(`${place}/${name}`)),
      );
      if (name.endsWith("json")) {
        expect(String(remote)).toEqual(String(local).replaceAll("/local/", "/cloud/"));
      } else expect(remote).toEqual(local);
    }
    // A backup of a task may write its file once more when the first one is gone.
    const named = (operation: string, what: RegExp): Set<string> =>
      new Set(
        cloud.aws.log.requests
          .filter((request) => request.operation === operation)
          .flatMap(({ resource, named: keys = [resource] }) => keys)
          .filter((resource) => what.test(resource)),
      );
    const written = named("PutObject", /\/outputs\//);
    // Parts, two lists, two marks and the list that was replaced.
    expect(written.size).toBeGreaterThanOrEqual(12 + 3 + 2 + 2 + 1);
    expect(written.difference(named("DeleteObjects", /\/outputs\//))).toEqual(new Set());
  },
);

test("what cannot be written on this machine is an error of the call, and no list is there", async () => {
  using folder = temporaryFolder();
  fs.writeFileSync(path.join(folder.path, "out"), "a file");
  await using _client = await connect({ backend: cloud.backend(), progress: "none" });
  const written = fromSequence(["a"]).writeText(path.join(folder.path, "out/*.txt"));
  await expect(written).rejects.toThrow("what should be its folder is a file");
});

test("files come home when the program was killed meanwhile, and nothing is run again", async () => {
  using folder = temporaryFolder();
  await using counter = await startCounter();
  const { deployment, aws } = cloud;
  const store = path.join(folder.path, "store");
  const options = JSON.stringify({ endpoint: aws.endpoint, deployment, store });
  const out = path.join(folder.path, "out");
  const program = path.join(import.meta.dirname, "../programs/killed-writer.ts");
  // Before the third file, before the list, and at last not at all.
  for (const killAt of [3, 5, 0]) {
    const child = spawn(
      process.execPath,
      [program, options, counter.url, path.join(out, "*.txt"), String(killAt)],
      { stdio: "inherit" },
    );
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    expect([code, signal]).toEqual(killAt === 0 ? [0, null] : [null, "SIGKILL"]);
    expect(fs.existsSync(path.join(out, "_success-N.txt.json"))).toBe(killAt === 0);
  }
  const texts = [0, 1, 2, 3].map((n) => fs.readFileSync(path.join(out, `${n}.txt`), "utf8"));
  expect(texts).toEqual(["aaa\n", "bbb\n", "ccc\n", "ddd\n"]);
  // Too few tasks for backups: each has run once.
  expect(Object.fromEntries(counter.counts)).toEqual({ a: 1, b: 1, c: 1, d: 1 });
});
