import http, {
  type IncomingHttpHeaders,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** A web server of this process. */
export interface WebServer extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
}

/** Starts a web server that answers so. */
export async function webServer(listener: RequestListener): Promise<WebServer> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers with the part of `whole` that is asked for, as the standard of the web has it (RFC 9110). */
export function sendPart(
  response: ServerResponse,
  whole: Uint8Array,
  { headers, more = {} }: { headers: IncomingHttpHeaders; more?: Record<string, string> },
): void {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  const [start, end] = from === undefined ? [0, whole.length] : [Number(from), Number(to) + 1];
  if (from !== undefined && start >= whole.length) {
    response.writeHead(416, { "content-range": `bytes */${whole.length}` }).end();
    return;
  }
  const body = whole.subarray(start, end);
  const range = { "content-range": `bytes ${start}-${start + body.length - 1}/${whole.length}` };
  const facts = { "content-length": body.length, ...(from === undefined ? {} : range), ...more };
  response.writeHead(from === undefined ? 200 : 206, facts).end(body);
}
