import { gzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { readJsonLines, readText } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { errorOf } from "../../contract/error-of.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { sendPart, webServer } from "../../contract/web-server.ts";

const folder = temporaryFolder();
const client = await connect({ inline: true, store: folder.path, progress: "none" });

afterAll(async () => {
  await client.close();
  folder[Symbol.dispose]();
});

const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`);
const plain = Buffer.from(`${lines.join("\n")}\n`);
const etag = { etag: '"1"' };

describe("text on a web server", () => {
  test("is read in blocks where the server gives out parts, though it refuses HEAD", async () => {
    await using server = await webServer(({ method, headers }, response) => {
      if (method === "GET") sendPart(response, plain, { headers, more: etag });
      else response.writeHead(405).end();
    });
    const blocks = readText(`${server.url}/a.txt`, { blockBytes: 1000 });
    const parts: string[][] = [];
    for await (const part of blocks) parts.push([...part]);
    expect(parts).toHaveLength(Math.ceil(plain.length / 1000));
    expect(parts.flat()).toEqual(lines);
  });

  test("is one partition where the server knows neither parts nor lengths", async () => {
    await using server = await webServer((_, response) => {
      for (let at = 0; at < plain.length; at += 300) response.write(plain.subarray(at, at + 300));
      response.end();
    });
    const url = `${server.url}/a.txt`;
    expect(await readText(url, { blockBytes: 1000 }).compute()).toEqual(lines);
    const both = readText([url, url], { filesPerPartition: 2, includePath: true });
    expect(await both.count().compute()).toBe(1000);
    expect(await both.take(1)).toEqual([["line 0", url]]);
    const wide = readText(`${url}?wide`, { encoding: "shift_jis" });
    expect(await wide.compute()).toEqual(lines);
  });

  test("is unpacked if it is sent packed whatever was asked for, in parts or not", async () => {
    const packed = gzipSync(plain);
    await using server = await webServer(({ url = "", headers: asked }, response) => {
      const headers = url.startsWith("/parts") ? asked : {};
      sendPart(response, packed, { headers, more: { ...etag, "content-encoding": "gzip" } });
    });
    for (const path of ["/parts/a.txt", "/whole/a.txt"]) {
      const url = server.url + path;
      expect(await readText(url).compute()).toEqual(lines);
      expect(await readText(url, { blockBytes: 200 }).compute()).toEqual(lines);
      expect(await readText(url, { compression: "none" }).compute()).toEqual(lines);
      // Servers name what lies there packed both ways.
      expect(await readText(`${url}.gz`).compute()).toEqual(lines);
      expect(await readText(url, { compression: "gzip" }).compute()).toEqual(lines);
      const twice = await errorOf(readText(`${url}.zst`).compute());
      expect(twice).toMatchObject({ code: "SOURCE", data: { url: `${url}.zst` } });
      expect(twice.message).toContain("packed twice, as zstd and on its way as gzip");
    }
  });

  test("is unpacked by its name from a server that gives out no parts", async () => {
    await using server = await webServer((_, response) => {
      response.end(zstdCompressSync(Buffer.from("1\n2\n")));
    });
    expect(await readJsonLines(`${server.url}/a.jsonl.zst?x=1`).compute()).toEqual([1, 2]);
  });

  test("that was packed and cut where it lies is an error", async () => {
    const cut = gzipSync(plain).subarray(0, -20);
    await using server = await webServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(cut);
    });
    const error = await errorOf(readText(`${server.url}/a.txt`).compute());
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("unexpected end of file");
  });

  test("whose answer is cut is read again, and an error that says so if that is of no use", async () => {
    let cuts = 0;
    await using server = await webServer(({ headers }, response) => {
      response.writeHead(200, { ...etag, "content-length": plain.length });
      if (headers.range !== undefined || cuts-- <= 0) response.end(plain);
      else response.write(plain.subarray(0, 4000), () => response.destroy());
    });
    cuts = 1;
    expect(await readText(`${server.url}/a.txt`).compute({ retries: 1 })).toEqual(lines);
    cuts = 9;
    const error = await errorOf(readText(`${server.url}/a.txt`).compute());
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("a.txt: it could not be read: the server has cut its answer");
  });

  test("that changes between the look and the read is an error, parts or not", async () => {
    for (const hasParts of [true, false]) {
      let asked = 0;
      await using server = await webServer(({ headers }, response) => {
        asked += 1;
        const how = { headers: hasParts ? headers : {}, more: { etag: `"${asked}"` } };
        sendPart(response, plain, how);
      });
      const error = await errorOf(readText(`${server.url}/a.txt`).compute());
      expect(error.code).toBe("SOURCE");
      expect(error.message).toContain("it has changed since");
    }
  });
});
