import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { UserSources } from "../../src/sources/user-sources.ts";

test("connections to buckets are kept for the next read, and end when the sources are closed", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-length": "3", etag: '"1"' }).end();
  });
  // Left alone, it would never end them first.
  server.keepAliveTimeout = 0;
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => open.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
  });
  vi.stubEnv("AWS_ACCESS_KEY_ID", "id");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const sources = new UserSources("/", { region: "us-east-1", endpoint });
  const read = (): Promise<unknown> => sources.expand("s3://bucket/key");
  expect(await read()).toEqual([{ url: "s3://bucket/key", bytes: 3, version: '"1"' }]);
  await read();
  expect(open.size).toBe(1);
  const [socket] = open;
  if (socket === undefined) throw new Error("no connection");
  const ended = once(socket, "close");
  expect(socket.destroyed).toBe(false);
  sources.close();
  await ended;
});
