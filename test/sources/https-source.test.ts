import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { SourceFile } from "../../src/backend/byte-source.ts";
import { HttpsSource } from "../../src/sources/https-source.ts";
import { UserSources } from "../../src/sources/user-sources.ts";
import type { WebAnswer } from "../../src/sources/web-request.ts";
import { errorOf } from "../contract/error-of.ts";
import { sendPart, webServer } from "../contract/web-server.ts";
import { quickClock } from "../emulators/builtin/quick-clock.ts";

const url = "https://example.test/a.txt";
const file: SourceFile = { url, bytes: 10, version: '"v1"' };
const whole: SourceFile = { url, bytes: Infinity, version: '"v1"' };
const part = { etag: '"v1"', "content-range": "bytes 2-4/10" };

function answer(status: number, headers: Record<string, string>, body = ""): WebAnswer {
  return { status, reason: "", headers, body: Readable.from([Buffer.from(body)]) };
}

function answering(status: number, headers: Record<string, string>, body = ""): HttpsSource {
  return new HttpsSource(async () => answer(status, headers, body), quickClock);
}

async function textOf(source: HttpsSource, of = file, start = 2, end = 5): Promise<string> {
  return Buffer.concat(await Array.fromAsync(source.read(of, { start, end }))).toString();
}

describe("files on web servers", () => {
  test("have a size if the server gives out parts, and none before they are read if not", async () => {
    const found = { "content-range": "bytes 0-0/10", etag: '"x"' };
    expect(await answering(206, found, "a").expand(url)).toEqual([
      { url, bytes: 10, version: '"x"' },
    ]);
    const unknown = { "content-range": "bytes 0-0/*", etag: '"x"' };
    const wholes = [answering(206, unknown, "a"), answering(200, { etag: '"x"' }, "abcdefghij")];
    for (const source of wholes) {
      expect(await source.expand(url)).toEqual([{ url, bytes: Infinity, version: '"x"' }]);
    }
  });

  test("have the ETag as their version, else date and size, else the date", async () => {
    const range = { "content-range": "bytes 0-0/10" };
    const date = "Tue, 01 Jul 2025 00:00:00 GMT";
    const versions = await Promise.all(
      [
        answering(206, { ...range, etag: '"x"', "last-modified": date }),
        answering(206, { ...range, "last-modified": date }),
        answering(200, { "content-length": "10", "last-modified": date }),
        answering(200, {}),
      ].map(async (source) => (await source.expand(url))[0]?.version),
    );
    expect(versions).toEqual(['"x"', `${date} 10`, date, ""]);
  });

  test("are asked for exactly the bytes that are wanted, or for all where there are no parts", async () => {
    const asked: unknown[] = [];
    const source = new HttpsSource(async (_, { headers = {} }) => {
      asked.push(headers["range"]);
      if (headers["range"] === undefined) return answer(200, { etag: '"v1"' }, "abcdefghij");
      return answer(206, part, "cde");
    });
    expect(await textOf(source)).toBe("cde");
    expect(await textOf(source, whole, 0, Infinity)).toBe("abcdefghij");
    expect(asked).toEqual(["bytes=2-4", undefined]);
  });

  test("may be sent as a whole where a part was asked for: the part is taken out of it", async () => {
    const pieces = ["a", "bc", "defg", "hij"].map((text) => Buffer.from(text));
    const headers = { etag: '"v1"', "content-length": "10" };
    const body = Readable.from(pieces);
    const source = new HttpsSource(async () => ({ status: 200, reason: "OK", headers, body }));
    expect(await textOf(source)).toBe("cde");
    // Nobody waits for the rest.
    expect(body.destroyed).toBe(true);
  });

  test.each([
    [206, { ...part, etag: '"v2"' }, "cde"],
    [200, { etag: '"v2"' }, "abcdefghij"],
    [206, { ...part, "content-encoding": "gzip" }, "cde"],
    [416, {}, ""],
  ])("that answer %i %o have changed", async (status, headers, body) => {
    const error = await errorOf(textOf(answering(status, headers, body)));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("changed");
  });

  test.each([
    ["bytes 0-2/10", "asked for bytes 2-4, and says it sent bytes 0-2/10"],
    ["bytes 2-3/10", "sent bytes 2-3/10"],
    ["bytes 2-4/11", "sent bytes 2-4/11"],
    [undefined, "sent a part of it"],
  ])("are refused if another part comes than was asked for: %s", async (range, words) => {
    const headers = { etag: '"v1"', ...(range === undefined ? {} : { "content-range": range }) };
    const error = await errorOf(textOf(answering(206, headers, "abc")));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(words);
  });

  test("are refused if a part comes of one that has none", async () => {
    const error = await errorOf(textOf(answering(206, part, "abc"), whole, 0, Infinity));
    expect(error.message).toContain("asked for all of it, and says it sent bytes 2-4/10");
  });

  test.each([
    ["gzip", "gzip"],
    ["X-GZIP", "gzip"],
    ["zstd", "zstd"],
    ["identity", undefined],
  ])("that are sent packed all the same, as %s, say so", async (encoding, packing) => {
    const headers = { "content-range": "bytes 0-0/9", etag: '"x"', "content-encoding": encoding };
    const [found] = await answering(206, headers, "a").expand(url);
    expect(found?.packing).toBe(packing);
  });

  test("that are sent packed in a way that is not known here are errors", async () => {
    const error = await errorOf(answering(200, { "content-encoding": "br" }).expand(url));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("by br, though it is asked not to");
  });

  test("that refuse are errors with a code; trouble that may pass is not", async () => {
    await expect(answering(403, {}).expand(url)).rejects.toMatchObject({ code: "SOURCE" });
    const passing: Promise<unknown>[] = [429, 503].map((status) =>
      answering(status, {}).expand(url),
    );
    passing.push(textOf(answering(206, part, "c")));
    // All are listened to from the start: some fail while others are still tried again.
    const errors = passing.map((each) => each.catch((thrown: unknown) => thrown));
    for (const error of await Promise.all(errors)) {
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toHaveProperty("code");
    }
  });

  test("that are busy or out of reach for a moment are asked again, six times at most", async () => {
    const trouble = [429, 503, 500, "reset", 502];
    let asked = 0;
    const flaky = new HttpsSource(async () => {
      const one = trouble[asked++];
      if (one === "reset") throw new Error("read ECONNRESET");
      return typeof one === "number" ? answer(one, {}) : answer(206, part, "cde");
    }, quickClock);
    expect(await textOf(flaky)).toBe("cde");
    expect(asked).toBe(6);
    asked = 0;
    const dead = new HttpsSource(async () => {
      asked += 1;
      return answer(503, {});
    }, quickClock);
    await expect(textOf(dead)).rejects.toThrow("the server answered 503");
    expect(asked).toBe(6);
  });

  test("take few connections to be found one after the other, also by way of another address", async () => {
    const connections = new Set<unknown>();
    await using server = await webServer(({ url: path = "", headers, socket }, response) => {
      connections.add(socket);
      if (path.startsWith("/new")) sendPart(response, Buffer.from("abc"), { headers });
      else response.writeHead(302, { location: `/new${path}`, "content-length": 4 }).end("gone");
    });
    const source = new HttpsSource();
    for (const name of ["a", "b", "c"]) {
      expect(await source.expand(`${server.url}/${name}`)).toMatchObject([{ bytes: 3 }]);
      // A connection is free again when its answer has been read.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // The second one is asked while the first is still sending the rest of its answer.
    expect(connections.size).toBeLessThanOrEqual(2);
  });

  test("that are long are not read to their end to be found", async () => {
    const body = Readable.from([Buffer.from("a")]);
    const headers = { etag: '"v1"', "content-length": "100000000" };
    const source = new HttpsSource(async () => ({ status: 200, reason: "OK", headers, body }));
    expect(await source.expand(url)).toMatchObject([{ bytes: Infinity }]);
    expect(body.destroyed).toBe(true);
  });

  test("cannot be written, and other schemes are not known", async () => {
    const sources = new UserSources("/");
    const nothing = (async function* (): AsyncGenerator<Uint8Array> {})();
    await expect(sources.write(url, nothing)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(sources.expand("gopher://x/y")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(sources.expand("")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
