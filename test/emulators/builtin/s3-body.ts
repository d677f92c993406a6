import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { refusals } from "./s3-error.ts";
import { crcText } from "./s3-objects.ts";

/** The body of a request as it was meant: chunk framing taken off, every digest checked that came with it. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const sent = Buffer.concat(pieces);
  const announced = header(request, "x-amz-content-sha256");
  const framed = announced?.startsWith("STREAMING-") === true;
  const { body, trailers } = framed ? unframed(sent) : { body: sent, trailers: new Map() };
  const length = header(request, "x-amz-decoded-content-length");
  if (framed && length !== String(body.length))
    throw refusals.badRequest("the body has another length");
  if (announced !== undefined && /^[0-9a-f]{64}$/.test(announced)) {
    if (createHash("sha256").update(body).digest("hex") !== announced)
      throw refusals.digest("SHA-256");
  }
  checkDigests(body, (name) => header(request, name) ?? trailers.get(name));
  return body;
}

/** A header that comes at most once. */
export function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

const digests: Readonly<Record<string, (body: Buffer) => string>> = {
  "content-md5": (body) => createHash("md5").update(body).digest("base64"),
  "x-amz-checksum-crc32": crcText,
  "x-amz-checksum-sha1": (body) => createHash("sha1").update(body).digest("base64"),
  "x-amz-checksum-sha256": (body) => createHash("sha256").update(body).digest("base64"),
};
const unknownDigests = ["x-amz-checksum-crc32c", "x-amz-checksum-crc64nvme"];

function checkDigests(body: Buffer, given: (name: string) => string | undefined): void {
  for (const [name, digest] of Object.entries(digests)) {
    const value = given(name);
    if (value !== undefined && value !== digest(body)) throw refusals.digest(name);
  }
  for (const name of unknownDigests) if (given(name) !== undefined) throw refusals.unknown(name);
}

/** Takes off `aws-chunked`: each chunk has its size in hexadecimal before it, trailers follow the empty one. */
function unframed(sent: Buffer): { body: Buffer; trailers: Map<string, string> } {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = sent.indexOf("\r\n", at);
    const size = Number.parseInt(sent.toString("latin1", at, end), 16);
    if (end < 0 || Number.isNaN(size))
      throw refusals.badRequest("the chunks of the body are broken");
    at = end + 2;
    if (size === 0) break;
    pieces.push(sent.subarray(at, at + size));
    at += size + 2;
  }
  const trailers = new Map<string, string>();
  for (const line of sent.toString("latin1", at).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0)
      trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { body: Buffer.concat(pieces), trailers };
}
