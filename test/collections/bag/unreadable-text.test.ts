import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { type Bag, readJsonLines, readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { errorOf } from "../../contract/error-of.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { sendPart, type WebServer, webServer } from "../../contract/web-server.ts";

const folder = temporaryFolder();
const client = await connect({
  inline: true,
  store: path.join(folder.path, "store"),
  progress: "none",
});

afterAll(async () => {
  await client.close();
  folder[Symbol.dispose]();
});

function written(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder.path, name);
  writeFileSync(file, bytes);
  return file;
}

const long = "hello\n".repeat(1000);

/** A server whose text is "one\ntwo\n", and whose answers to the first `failing` reads are 503. */
function serverFailing(failing: number): Promise<WebServer> {
  let left = failing;
  return webServer(({ headers }, response) => {
    if (headers.range !== "bytes=0-0" && left-- > 0) response.writeHead(503).end();
    else sendPart(response, Buffer.from("one\ntwo\n"), { headers, more: { etag: '"1"' } });
  });
}

describe("text that cannot be read is an error that names the file and the fix", () => {
  test.each([
    ["plain.txt.gz", "not gzip\n", "gzip", "incorrect header check"],
    ["cut.txt.gz", gzipSync(long).subarray(0, 30), "gzip", "unexpected end of file"],
    ["plain.txt.zst", "not zstd\n", "zstd", "Unknown frame descriptor"],
    ["cut.txt.zst", zstdCompressSync(long).subarray(0, 15), "zstd", "unexpected end of file"],
  ])("%s", async (name, bytes, packing, why) => {
    const file = written(name, bytes);
    const error = await errorOf(readText(file).compute());
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(`${name}: it is read as ${packing}`);
    expect(error.message).toContain(why);
    expect(error.fix).toContain('compression: "none"');
  });

  test.each<readonly [string, (file: string) => void, string]>([
    ["has changed", (file) => writeFileSync(file, "other\n"), "it has changed since"],
    ["is longer", (file) => appendFileSync(file, "more\n"), "it has changed since"],
    ["is gone", (file) => rmSync(file), "there is no such file"],
    [
      "is a folder now",
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
      "it has changed since",
    ],
  ])("a file that %s when it is read", async (name, change, why) => {
    const bagOf = {
      lines: (file: string): Bag<unknown> => readText(file, { blockBytes: 2 }),
      records: (file: string): Bag<unknown> => readJsonLines(file),
    };
    for (const [kind, read] of Object.entries(bagOf)) {
      const file = written(`${name} ${kind}.txt`, "1\n2\n3\n");
      const bag = read(file);
      change(file);
      const error = await errorOf(bag.compute());
      expect(error.code).toBe("SOURCE");
      expect(error.message).toContain(pathToFileURL(file).href);
      expect(error.message).toContain(why);
    }
  });

  test("a server that fails, tried as often as asked for, each time with six requests", async () => {
    await using server = await serverFailing(6);
    const url = `${server.url}/lines.txt`;
    const error = await errorOf(readText(url).compute());
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(`${url}: it could not be read: the server answered 503`);
    expect(error.fix).toContain("network");

    const nobody = await errorOf(readText("http://127.0.0.1:1/x.txt").compute());
    expect(nobody.code).toBe("SOURCE");
    expect(nobody.message).toMatch(/:1\/x\.txt: it could not be read: connect ECONNREFUSED/);

    await using recovering = await serverFailing(7);
    const lines = readText(`${recovering.url}/lines.txt`).compute({ retries: 1 });
    expect(await lines).toEqual(["one", "two"]);
  });
});
