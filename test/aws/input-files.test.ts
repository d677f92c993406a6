import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { InputFiles } from "../../src/aws/input-files.ts";
import { UploadedFiles } from "../../src/aws/uploaded-files.ts";
import type { SourceFile } from "../../src/backend/byte-source.ts";
import { realClock } from "../../src/backend/real-clock.ts";
import { FileSource } from "../../src/sources/file-source.ts";
import { UserSources } from "../../src/sources/user-sources.ts";
import { errorOf } from "../contract/error-of.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { s3Buckets } from "../emulators/builtin/s3-buckets.ts";

const s3 = await s3Buckets();
const bucket = s3.bucket();
const folder = temporaryFolder();
const source = new FileSource(folder.path);

beforeEach(() => s3.emulator.log.clear());
afterAll(async () => {
  folder[Symbol.dispose]();
  await s3[Symbol.asyncDispose]();
});

function inputFiles(
  options: Partial<ConstructorParameters<typeof InputFiles>[0]> = {},
): InputFiles {
  return new InputFiles({ bucket, sources: source, clock: realClock, ageMsMax: 1e9, ...options });
}

async function fileOf(name: string, text: string): Promise<SourceFile> {
  fs.mkdirSync(path.dirname(path.join(folder.path, name)), { recursive: true });
  fs.writeFileSync(path.join(folder.path, name), text);
  const [file] = await source.expand(name);
  if (file === undefined) throw new Error("not found");
  return file;
}

describe("files of the client's machine", () => {
  test("are uploaded once per version, and read by workers in ranges", async () => {
    const file = await fileOf("a.txt", "to be or not");
    const inputs = inputFiles();
    await inputs.take([file, file]);
    const { readable } = await inputs.take([file]);
    expect(s3.emulator.log.count("PutObject")).toBe(1);
    const uploaded = new UploadedFiles(bucket, new UserSources("/"));
    const pieces = await Array.fromAsync(uploaded.read(readable(file), { start: 3, end: 99 }));
    expect(Buffer.concat(pieces).toString()).toBe("be or not");

    const changed = await fileOf("a.txt", "another text");
    const away = await inputs.take([changed]);
    expect(s3.emulator.log.count("PutObject")).toBe(2);
    const again = await Array.fromAsync(
      uploaded.read(away.readable(changed), { start: 0, end: 7 }),
    );
    expect(Buffer.concat(again).toString()).toBe("another");
  });

  test("lie in the bucket by their content: another name, folder or program uploads nothing", async () => {
    const files = [await fileOf("e.txt", "the same"), await fileOf("f/g.txt", "the same")];
    const { readable } = await inputFiles().take(files);
    await inputFiles().take(files);
    expect(s3.emulator.log.count("PutObject")).toBe(1);
    const content = createHash("sha256").update("the same").digest("hex").slice(0, 32);
    expect(files.map((file) => readable(file))).toEqual(
      files.map(({ url, bytes }) => ({ url, bytes, version: content })),
    );
    const keys = (await Array.fromAsync(bucket.list("inputs/"))).map(({ key }) => key);
    expect(keys).toContain(`inputs/${content.slice(0, 2)}/${content}`);
  });

  test("are uploaded anew when half of their time in the bucket is over", async () => {
    const file = await fileOf("h.txt", "old");
    let now = Date.now();
    const inputs = inputFiles({ clock: { now: () => now }, ageMsMax: 1_000_000 });
    await inputs.take([file]);
    now += 900_000;
    await inputs.take([file]);
    expect(s3.emulator.log.count("PutObject")).toBe(1);
    now += 200_000;
    await inputs.take([file]);
    expect(s3.emulator.log.count("PutObject")).toBe(2);
  });

  test("that were not taken cannot be read, which says what to do", async () => {
    const file = await fileOf("i.txt", "not taken");
    const uploaded = new UploadedFiles(bucket, new UserSources("/"));
    const error = await errorOf(Array.fromAsync(uploaded.read(file, { start: 0, end: 3 })));
    expect(error.message).toContain("cannot reach files of the machine that started it");
    expect(error.fix).toContain("instead of handing it to a future");
  });

  test("are refused before anything is sent if they are too large together", async () => {
    const files = [await fileOf("b.txt", "12345"), await fileOf("c.txt", "67890")];
    const error = await errorOf(inputFiles({ bytesMax: 9 }).take(files));
    expect(error.code).toBe("LIMIT");
    expect(error.message).toContain("10 B of files of this machine, at most 9 B");
    expect(error.fix).toContain("s3://");
    expect(s3.emulator.log.requests).toEqual([]);
  });

  test("that have changed since they were found are not uploaded", async () => {
    const file = await fileOf("d.txt", "first");
    fs.writeFileSync(path.join(folder.path, "d.txt"), "a second text");
    const error = await errorOf(inputFiles().take([file]));
    expect(error.message).toContain("changed");
  });

  test("cannot be looked up or written by a worker, which says so", async () => {
    const uploaded = new UploadedFiles(bucket, new UserSources("/"));
    const { href } = pathToFileURL(path.join(folder.path, "out.txt"));
    async function* nothing(): AsyncGenerator<Uint8Array> {}
    for (const call of [uploaded.write(href, nothing()), uploaded.expand(href)]) {
      const error = await errorOf(call);
      expect(error.code).toBe("SOURCE");
      expect(error.message).toContain("cannot reach files of the machine that started it");
    }
    expect((await errorOf(uploaded.expand("ftp://x/y"))).code).toBe("BAD_ARGUMENT");
  });
});
