import type { Readable } from "node:stream";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import type {
  ObjectCondition,
  ObjectFacts,
  ObjectRange,
  ObjectRead,
} from "../backend/object-bucket.ts";

/** The pieces as they were when they came: a producer may use its buffer again, and parts are gathered. */
export async function* copies(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of bytes) yield piece.slice();
}

/** A range as the header has it. */
export function rangeText(range: ObjectRange): string {
  return "last" in range ? `bytes=-${range.last}` : `bytes=${range.start}-${range.end - 1}`;
}

/** A condition as the options of a write have it. */
export function conditionOf(condition: ObjectCondition | undefined): {
  readonly IfNoneMatch?: string;
  readonly IfMatch?: string;
} {
  if (condition === undefined) return {};
  return "absent" in condition ? { IfNoneMatch: "*" } : { IfMatch: condition.version };
}

/** What an answer says of an object. */
export function factsOf(found: {
  readonly Key?: string | undefined;
  readonly Size?: number | undefined;
  readonly LastModified?: Date | undefined;
  readonly ETag?: string | undefined;
}): ObjectFacts {
  return {
    key: found.Key ?? "",
    bytes: found.Size ?? 0,
    modifiedMs: found.LastModified?.getTime() ?? 0,
    version: found.ETag ?? "",
  };
}

/** The body, copied piece by piece to where it is wanted; an error that may pass if it ends too early. */
export async function bodyOf(
  answer: GetObjectCommandOutput,
  { key, into }: ObjectRead,
): Promise<Uint8Array> {
  const announced = answer.ContentLength ?? 0;
  const bytes = into ?? new Uint8Array(announced);
  let at = 0;
  // In Node a body is always a stream of it.
  for await (const piece of answer.Body as Readable) {
    const next = at + (piece as Uint8Array).length;
    if (next > bytes.length) break;
    bytes.set(piece as Uint8Array, at);
    at = next;
  }
  if (at === announced && at === bytes.length) return bytes;
  const what = `${key}: ${at} of ${announced} bytes came, ${bytes.length} were wanted`;
  throw Object.assign(new Error(what), { code: "IncompleteAnswer" });
}
