import { describe, expect, test } from "vitest";
import type { SourceFile } from "../../src/backend/byte-source.ts";
import { HttpsSource } from "../../src/sources/https-source.ts";
import { UserSources } from "../../src/sources/user-sources.ts";
import { errorOf } from "../contract/error-of.ts";
import { quickClock } from "../emulators/builtin/quick-clock.ts";

const url = "https://example.test/a.txt";
const file: SourceFile = { url, bytes: 10, version: '"v1"' };

function answering(status: number, headers: Record<string, string>, body = ""): HttpsSource {
  const empty = status === 204 || status === 304;
  const fetch = async (): Promise<Response> =>
    new Response(empty ? null : body, { status, headers });
  return new HttpsSource(fetch, quickClock);
}

async function readAll(source: HttpsSource): Promise<Uint8Array[]> {
  return Array.fromAsync(source.read(file, { start: 2, end: 5 }));
}

describe("files on web servers", () => {
  test.each([
    [{ "accept-ranges": "bytes" }, "how many bytes"],
    [{ "content-length": "10" }, "parts of files"],
  ])("need a server that tells sizes and gives out parts", async (headers, words) => {
    const error = await errorOf(answering(200, headers).expand(url));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain(words);
  });

  test("have the ETag as their version, else date and size", async () => {
    const common = { "accept-ranges": "bytes", "content-length": "10" };
    const date = "Tue, 01 Jul 2025 00:00:00 GMT";
    const [tagged] = await answering(200, { ...common, etag: '"x"' }).expand(url);
    const [dated] = await answering(200, { ...common, "last-modified": date }).expand(url);
    expect(tagged?.version).toBe('"x"');
    expect(dated?.version).toBe(`${date} 10`);
  });

  test("are asked for exactly the bytes that are wanted", async () => {
    const asked: unknown[] = [];
    const source = new HttpsSource(async (_, init) => {
      asked.push(new Headers(init.headers).get("range"));
      return new Response("cde", { status: 206, headers: { etag: '"v1"' } });
    });
    expect(Buffer.concat(await readAll(source)).toString()).toBe("cde");
    expect(asked).toEqual(["bytes=2-4"]);
  });

  test.each([
    [206, { etag: '"v2"' }, "cde"],
    [200, { etag: '"v1"' }, "abcdefghij"],
    [416, {}, ""],
  ])("that answer %i %o have changed", async (status, headers, body) => {
    const error = await errorOf(readAll(answering(status, headers, body)));
    expect(error.code).toBe("SOURCE");
    expect(error.message).toContain("changed");
  });

  test("that refuse are errors with a code; trouble that may pass is not", async () => {
    await expect(answering(403, {}).expand(url)).rejects.toMatchObject({ code: "SOURCE" });
    const passing = [answering(429, {}).expand(url), answering(503, {}).expand(url)];
    passing.push(readAll(answering(206, { etag: '"v1"' }, "c")).then(() => []));
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
      if (one === "reset") throw new TypeError("fetch failed");
      if (typeof one === "number") return new Response("", { status: one });
      return new Response("cde", { status: 206, headers: { etag: '"v1"' } });
    }, quickClock);
    expect(Buffer.concat(await readAll(flaky)).toString()).toBe("cde");
    expect(asked).toBe(6);
    asked = 0;
    const dead = new HttpsSource(async () => {
      asked += 1;
      return new Response("", { status: 503 });
    }, quickClock);
    await expect(readAll(dead)).rejects.toThrow("the server answered 503");
    expect(asked).toBe(6);
  });

  test("cannot be written, and other schemes are not known", async () => {
    const sources = new UserSources("/");
    const nothing = (async function* (): AsyncGenerator<Uint8Array> {})();
    await expect(sources.write(url, nothing)).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(sources.expand("gopher://x/y")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
    await expect(sources.expand("")).rejects.toMatchObject({ code: "BAD_ARGUMENT" });
  });
});
