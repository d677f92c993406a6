import fs from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import type { ByteSource, SourceFile } from "../../src/backend/byte-source.ts";
import { FileSource } from "../../src/sources/file-source.ts";
import { HttpsSource } from "../../src/sources/https-source.ts";
import { S3Source } from "../../src/sources/s3-source.ts";
import { UserSources } from "../../src/sources/user-sources.ts";
import { s3Target } from "../emulators/s3-target.ts";
import { errorOf } from "./error-of.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { sendPart, webServer } from "./web-server.ts";

interface Made extends AsyncDisposable {
  readonly source: ByteSource;
  url(name: string): string;
  /** Writes a file as its owner does, not through the source. */
  put(name: string, bytes: Uint8Array | string): void | Promise<void>;
  remove(name: string): void | Promise<void>;
}

function files(source: ByteSource, folder: string): Made {
  return {
    source,
    url: (name) => pathToFileURL(path.join(folder, name)).href,
    ...inFolder(folder),
    [Symbol.asyncDispose]: async () => {},
  };
}

function inFolder(folder: string): Pick<Made, "put" | "remove"> {
  return {
    put: (name, bytes) => fs.writeFileSync(path.join(folder, name), bytes),
    remove: (name) => fs.rmSync(path.join(folder, name)),
  };
}

const server = await s3Target();
afterAll(() => server[Symbol.asyncDispose]());

async function objects(): Promise<Made> {
  const bucket = await server.bucket();
  return {
    source: new S3Source(() => bucket),
    url: (name) => `s3://${bucket.name}/${name}`,
    put: async (key, bytes) => {
      await bucket.put({ key }, Buffer.from(bytes));
    },
    remove: (key) => bucket.deleteAll([key]),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A small web server over `folder` that knows ETags, and ranges if it `hasParts`. */
async function web(folder: string, hasParts: boolean): Promise<Made> {
  const server = await webServer(({ url = "", headers: asked }, response) => {
    const file = path.join(folder, path.basename(url));
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return response.writeHead(404).end();
    const headers = hasParts ? asked : {};
    const more = { etag: `"${stat.ino}-${stat.mtimeMs}-${stat.size}"` };
    return sendPart(response, fs.readFileSync(file), { headers, more });
  });
  return {
    source: new HttpsSource(),
    url: (name) => `${server.url}/${name}`,
    ...inFolder(folder),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const implementations: Record<string, (folder: string) => Made | Promise<Made>> = {
  files: (folder) => files(new FileSource(folder), folder),
  "any kind by URL": (folder) => files(new UserSources(folder), folder),
  "a web server": (folder) => web(folder, true),
  "a web server without parts": (folder) => web(folder, false),
  [`S3 on ${server.name}`]: objects,
};

async function bytesOf(
  source: ByteSource,
  file: SourceFile,
  range = { start: 0, end: file.bytes },
): Promise<number[]> {
  return Buffer.concat(await Array.fromAsync(source.read(file, range))).toJSON().data;
}

describe.each(Object.entries(implementations))("a source of %s", (kind, make) => {
  test("finds a file and reads ranges of it", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    await made.put("a.bin", Uint8Array.of(5, 6, 7, 8, 9));
    const [file] = await made.source.expand(made.url("a.bin"));
    if (file === undefined) throw new Error("not found");
    const bytes = kind.endsWith("without parts") ? Infinity : 5;
    expect(file).toMatchObject({ url: made.url("a.bin"), bytes });
    expect(await bytesOf(made.source, file)).toEqual([5, 6, 7, 8, 9]);
    expect(await bytesOf(made.source, file, { start: 1, end: 3 })).toEqual([6, 7]);
    expect(await bytesOf(made.source, file, { start: 3, end: 99 })).toEqual([8, 9]);
    expect(await bytesOf(made.source, file, { start: 2, end: 2 })).toEqual([]);
    expect(await bytesOf(made.source, file, { start: 9, end: 99 })).toEqual([]);
  });

  test("finds an empty file, and reads nothing of it", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    await made.put("none.bin", "");
    const [file] = await made.source.expand(made.url("none.bin"));
    if (file === undefined) throw new Error("not found");
    expect(await bytesOf(made.source, file)).toEqual([]);
  });

  test("reads a file of several pieces", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    const bytes = Uint8Array.from({ length: 3 * 2 ** 20 + 5 }, (_, i) => i % 251);
    await made.put("a.bin", bytes);
    const [file] = await made.source.expand(made.url("a.bin"));
    if (file === undefined) throw new Error("not found");
    const read = Buffer.concat(
      await Array.fromAsync(made.source.read(file, { start: 7, end: bytes.length - 7 })),
    );
    expect(Buffer.compare(read, bytes.subarray(7, -7))).toBe(0);
  });

  test("names a missing file and what to do", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    const error = await errorOf(made.source.expand(made.url("none.txt")));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(made.url("none.txt"));
    expect(error.fix).toMatch(/^check/);
  });

  test("notices that a file has changed since it was found", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    await made.put("a.txt", "one two");
    const [file] = await made.source.expand(made.url("a.txt"));
    if (file === undefined) throw new Error("not found");
    await made.put("a.txt", "three four five");
    const error = await errorOf(bytesOf(made.source, file));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("changed");
  });

  test("notices that a file has gone since it was found", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    await made.put("a.txt", "one two");
    const [file] = await made.source.expand(made.url("a.txt"));
    if (file === undefined) throw new Error("not found");
    await made.remove("a.txt");
    expect((await errorOf(bytesOf(made.source, file))).code).toBe("SOURCE");
  });
});

const writable = Object.entries(implementations).filter(
  ([name]) => !name.startsWith("a web server"),
);

describe.each(writable)("a source of %s", (_, make) => {
  test("writes, replaces and removes a file, and removes none where none is", async () => {
    using folder = temporaryFolder();
    await using made = await make(folder.path);
    const url = made.url("a.txt");
    for (const text of ["first", "second"]) {
      await made.source.write(url, Readable.from([Buffer.from(text)]));
      const [file] = await made.source.expand(url);
      if (file === undefined) throw new Error("not found");
      expect(await bytesOf(made.source, file)).toEqual([...Buffer.from(text)]);
    }
    await made.source.remove(url);
    expect((await errorOf(made.source.expand(url))).code).toBe("SOURCE");
    await made.source.remove(url);
    await made.source.remove(made.url("none/b.txt"));
  });
});
