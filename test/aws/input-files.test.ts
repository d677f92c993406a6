import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { InputFiles } from "../../src/aws/input-files.ts";
import { UploadedFiles } from "../../src/aws/uploaded-files.ts";
import type { SourceFile } from "../../src/backend/byte-source.ts";
import { FileSource } from "../../src/sources/file-source.ts";
import { UserSources } from "../../src/sources/user-sources.ts";
import { errorOf } from "../contract/error-of.ts";
import { temporaryFolder } from "../contract/temporary-folder.ts";
import { s3Buckets } from "../emulators/builtin/s3-buckets.ts";

const s3 = await s3Buckets();
const folder = temporaryFolder();
const source = new FileSource(folder.path);

beforeEach(() => s3.emulator.log.clear());
afterAll(async () => {
  folder[Symbol.dispose]();
  await s3[Symbol.asyncDispose]();
});

async function fileOf(name: string, text: string): Promise<SourceFile> {
  fs.writeFileSync(path.join(folder.path, name), text);
  const [file] = await source.expand(name);
  if (file === undefined) throw new Error("not found");
  return file;
}

describe("files of the client's machine", () => {
  test("are uploaded once per version, and read by workers in ranges", async () => {
    const bucket = s3.bucket();
    const file = await fileOf("a.txt", "to be or not");
    const inputs = new InputFiles(bucket, source);
    await inputs.take([file, file]);
    await inputs.take([file]);
    await new InputFiles(bucket, source).take([file]);
    expect(s3.emulator.log.count("PutObject")).toBe(1);
    const uploaded = new UploadedFiles(bucket, new UserSources("/"));
    const pieces = await Array.fromAsync(uploaded.read(file, { start: 3, end: 99 }));
    expect(Buffer.concat(pieces).toString()).toBe("be or not");

    const changed = await fileOf("a.txt", "another text");
    await inputs.take([changed]);
    expect(s3.emulator.log.count("PutObject")).toBe(2);
    const again = await Array.fromAsync(uploaded.read(changed, { start: 0, end: 7 }));
    expect(Buffer.concat(again).toString()).toBe("another");
  });

  test("are refused before anything is sent if they are too large together", async () => {
    const files = [await fileOf("b.txt", "12345"), await fileOf("c.txt", "67890")];
    const error = await errorOf(new InputFiles(s3.bucket(), source, 9).take(files));
    expect(error.code).toBe("LIMIT");
    expect(error.message).toContain("10 B of files of this machine, at most 9 B");
    expect(error.fix).toContain("s3://");
    expect(s3.emulator.log.requests).toEqual([]);
  });

  test("that have changed since they were found are not uploaded", async () => {
    const file = await fileOf("d.txt", "first");
    fs.writeFileSync(path.join(folder.path, "d.txt"), "a second text");
    const error = await errorOf(new InputFiles(s3.bucket(), source).take([file]));
    expect(error.message).toContain("changed");
  });

  test("cannot be looked up or written by a worker, which says so", async () => {
    const uploaded = new UploadedFiles(s3.bucket(), new UserSources("/"));
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
