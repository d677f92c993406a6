import { once } from "node:events";
import { buffer, text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { askWeb } from "../../src/sources/web-request.ts";
import { errorOf } from "../contract/error-of.ts";
import { webServer } from "../contract/web-server.ts";

describe("a web server", () => {
  test("is asked for the file as it is, and told who asks", async () => {
    await using server = await webServer(({ headers, url }, response) => {
      response.end(`${url} ${headers["accept-encoding"]} ${headers["user-agent"]}`);
    });
    const { status, body } = await askWeb(`${server.url}/a%20b?c=d#e`, {});
    expect(status).toBe(200);
    expect(await text(body)).toBe("/a%20b?c=d identity lambdask");
  });

  test("is signed in to as the address says", async () => {
    await using server = await webServer(({ headers }, response) => {
      response.end(headers.authorization);
    });
    const address = server.url.replace("//", "//me:se%20cret@");
    const { body } = await askWeb(address, {});
    expect(await text(body)).toBe(`Basic ${Buffer.from("me:se cret").toString("base64")}`);
  });

  test("gives bytes as it sends them, packed or not", async () => {
    const packed = gzipSync("text");
    await using server = await webServer((_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(packed);
    });
    const { headers, body } = await askWeb(server.url, {});
    expect(headers["content-encoding"]).toBe("gzip");
    expect(Buffer.compare(await buffer(body), packed)).toBe(0);
  });

  test("is followed to where it sends, with the same range", async () => {
    await using server = await webServer(({ url, headers }, response) => {
      if (url === "/a/old") response.writeHead(302, { location: "../b/new" }).end();
      else response.end(`${url} ${headers.range}`);
    });
    const { body } = await askWeb(`${server.url}/a/old`, { headers: { range: "bytes=2-4" } });
    expect(await text(body)).toBe("/b/new bytes=2-4");
  });

  test("is not followed for ever, nor to what is no web server", async () => {
    await using server = await webServer(({ url }, response) => {
      response.writeHead(301, { location: url === "/loop" ? "/loop" : "file:///etc/x" }).end();
    });
    const loop = await errorOf(askWeb(`${server.url}/loop`, {}));
    expect(loop).toMatchObject({ code: "SOURCE", data: { url: `${server.url}/loop` } });
    expect(loop.message).toContain("more than 10 times");
    const elsewhere = await errorOf(askWeb(`${server.url}/elsewhere`, {}));
    expect(elsewhere.message).toContain("the server sends to file:///etc/x");
    const none = await errorOf(askWeb("https://", {}));
    expect(none.message).toContain("no URL of a web server");
  });

  test("that says nothing for long, before its answer or within it, is given up", async () => {
    await using server = await webServer(({ url }, response) => {
      if (url === "/begun") response.write("begun");
    });
    const question = { silenceMsMax: 50 };
    await expect(askWeb(`${server.url}/never`, question)).rejects.toThrow("silent for 0.05 s");
    const { body } = await askWeb(`${server.url}/begun`, question);
    await expect(text(body)).rejects.toThrow("silent for 0.05 s");
  });

  test("waits for a reader that takes its time", async () => {
    const long = "x".repeat(200_000);
    await using server = await webServer(({ url }, response) => {
      if (url === "/hangs") response.write("begun");
      else if (url === "/ends-later")
        response.write("all", () => setTimeout(() => response.end(), 10));
      else response.end(long);
    });
    const late = async (path: string): Promise<string> => {
      const { body } = await askWeb(server.url + path, { silenceMsMax: 50 });
      await once(body, "readable");
      await new Promise((resolve) => setTimeout(resolve, 200));
      return await text(body);
    };
    expect(await late("/ends")).toBe(long);
    // Also over the last piece of all.
    const { body } = await askWeb(`${server.url}/ends-later`, { silenceMsMax: 50 });
    const pieces: string[] = [];
    for await (const piece of body) {
      pieces.push(String(piece));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(pieces).toEqual(["all"]);
    // And not for ever for a server behind it that has said all it will.
    await expect(late("/hangs")).rejects.toThrow("silent for 0.05 s");
  });

  test("is not taken for silent while this process does other things", async () => {
    await using server = await webServer(({ url }, response) => {
      if (url === "/in-two")
        response.write("one ", () => setTimeout(() => response.end("two"), 10));
      else response.end("whole");
    });
    const busy = (): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    const asked = askWeb(`${server.url}/whole`, { silenceMsMax: 50 });
    busy();
    expect(await text((await asked).body)).toBe("whole");
    const { body } = await askWeb(`${server.url}/in-two`, { silenceMsMax: 50 });
    const pieces: string[] = [];
    for await (const piece of body) {
      pieces.push(String(piece));
      busy();
    }
    expect(pieces.join("")).toBe("one two");
  });

  test("is let go at a signal, before its answer or within it", async () => {
    await using server = await webServer(({ url }, response) => {
      if (url === "/begun") response.write("begun");
    });
    const controller = new AbortController();
    const question = { signal: controller.signal };
    const never = askWeb(`${server.url}/never`, question);
    const begun = await askWeb(`${server.url}/begun`, question);
    controller.abort();
    await expect(never).rejects.toThrow("aborted");
    await expect(text(begun.body)).rejects.toThrow("aborted");
  });
});
