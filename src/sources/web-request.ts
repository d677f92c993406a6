import http, {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from "node:http";
import https from "node:https";
import type { Readable } from "node:stream";
import { sourceError } from "./source-error.ts";

/** What a web server has answered. The body is as it was sent: packed, if `content-encoding` says so. */
export interface WebAnswer {
  readonly status: number;
  readonly reason: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** How an address is asked. */
export interface WebQuestion {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** A server that sends nothing for so long while it is waited for is out of reach. Default: five minutes. */
  readonly silenceMsMax?: number;
}

/** Asks a web server for what is at an address. */
export type AskWeb = (url: string, question: WebQuestion) => Promise<WebAnswer>;

/** Ranges and lengths are those of the file itself only if it is sent as it is. Some servers want to know who asks. */
const usual = { accept: "*/*", "accept-encoding": "identity", "user-agent": "lambdask" };

/** A server that has not taken up a connection by then is asked anew. */
const connectMsMax = 10_000;
const redirections: readonly number[] = [301, 302, 303, 307, 308];
const redirectionsMax = 10;

/** A GET that follows redirections. Not by `fetch`: that unpacks by itself, and takes a packed body that was cut for whole. */
export const askWeb: AskWeb = async (url, question) => {
  let address = addressOf(url, url);
  for (let followed = 0; followed <= redirectionsMax; followed++) {
    const answer = await sent(address, question);
    const { location } = answer.headers;
    if (!redirections.includes(answer.status) || location === undefined) return answer;
    letGo(answer);
    address = addressOf(url, location, address);
  }
  throw sourceError(url, {
    what: `the server sends from one address to the next, more than ${redirectionsMax} times`,
    fix: "look it up in a browser, and use the address that it ends at",
  });
};

/** Bodies up to so many bytes are read sooner than another connection is made. */
const shortBytesMax = 16 * 1024;

/** Drops what nobody reads of an answer: a short one is read to its end, so that its connection serves the next request. */
export function letGo({ headers, body }: WebAnswer): void {
  const bytes = Number(headers["content-length"] ?? Infinity);
  // It may still break off, which is nobody's concern any more.
  body.on("error", () => {});
  if (bytes <= shortBytesMax) body.resume();
  else body.destroy();
}

function addressOf(url: string, text: string, from?: URL): URL {
  const address = URL.parse(text, from?.href);
  if (address !== null && /^https?:$/.test(address.protocol)) return address;
  const isOwn = from === undefined;
  throw sourceError(url, {
    what: isOwn ? "this is no URL of a web server" : `the server sends to ${text}`,
    fix: isOwn ? 'write "https://host/path"' : "use the address of the file itself",
  });
}

function sent(
  address: URL,
  { headers = {}, signal, silenceMsMax = 5 * 60_000 }: WebQuestion,
): Promise<WebAnswer> {
  const { get } = address.protocol === "https:" ? https : http;
  const options = {
    headers: { ...usual, ...headers },
    ...(signal === undefined ? {} : { signal }),
  };
  return new Promise((resolve, reject) => {
    let body: IncomingMessage | undefined;
    const request = get(address, options, (answer) => {
      body = answer;
      const { statusCode = 0, statusMessage = "" } = answer;
      resolve({ status: statusCode, reason: statusMessage, headers: answer.headers, body: answer });
    });
    watch(request, () => body, silenceMsMax);
    // What went wrong with each address of a host comes as a list, which has no words of its own.
    request.on("error", (error) =>
      reject(error instanceof AggregateError ? (error.errors[0] as Error) : error),
    );
  });
}

/** Ends a request whose server is out of reach. Not by the socket's own timer: a reader that takes its time sets it off. */
function watch(
  request: ClientRequest,
  bodyOf: () => IncomingMessage | undefined,
  silenceMsMax: number,
): void {
  const connects = whileIt(connectMsMax, {
    lasts: () => request.socket?.connecting !== false,
    end: () =>
      request.destroy(new Error(`no connection to the server in ${connectMsMax / 1000} s`)),
  });
  let before = 0;
  const hears = whileIt(silenceMsMax, {
    lasts() {
      const body = bodyOf();
      const { bytesRead = 0 } = request.socket ?? {};
      const isSilent = bytesRead === before;
      before = bytesRead;
      // A reader may take its time over the last piece too.
      return isSilent && (body === undefined || (body.readableLength === 0 && !body.complete));
    },
    end() {
      const error = new Error(`the server was silent for ${silenceMsMax / 1000} s`);
      (bodyOf() ?? request).destroy(error);
    },
  });
  request.once("close", () => {
    clearInterval(connects);
    clearInterval(hears);
  });
}

/** How often one looks, while it lasts, at what must not last. */
const looks = 10;

/**
 * Calls `end` when something has lasted for `msMax`. After a time in which this process did other things there is one
 * look, with all that has come meanwhile still unread: that time is no server's fault.
 */
function whileIt(
  msMax: number,
  { lasts, end }: { readonly lasts: () => boolean; readonly end: () => void },
): NodeJS.Timeout {
  let seen = 0;
  const timer = setInterval(() => {
    seen = lasts() ? seen + 1 : 0;
    if (seen < looks) return;
    clearInterval(timer);
    end();
  }, msMax / looks);
  return timer;
}
