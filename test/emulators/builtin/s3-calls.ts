import type { IncomingMessage } from "node:http";
import { header } from "./s3-body.ts";
import { refusals } from "./s3-error.ts";
import { BucketObjects, type Conditions, objectOf, type StoredObject } from "./s3-objects.ts";
import { elementsOf, textOf, type Xml, xmlOf } from "./s3-xml.ts";

/** A request taken apart. */
export interface S3Call {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
}

/** An answer; of the answer to HEAD only the length of the body is sent. */
export interface S3Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: Buffer;
  /** Keys that the request's body named. */
  readonly named?: readonly string[];
  /** What else was read of the server: `bucket/key`. */
  readonly reads?: string;
}

/** The buckets of a server, by name. */
export type Buckets = Map<string, BucketObjects>;

type Handler = (call: S3Call, body: Buffer, buckets: Buckets) => S3Answer;

/** What this server can do, by operation. */
export const handlers: Readonly<Record<string, Handler>> = {
  ListBuckets: (_, __, buckets) =>
    document("ListAllMyBucketsResult", {
      Owner: { ID: "owner" },
      Buckets: { Bucket: [...buckets.keys()].map((Name) => ({ Name, CreationDate: epoch })) },
    }),
  CreateBucket: ({ bucket }, _, buckets) => {
    if (!buckets.has(bucket)) buckets.set(bucket, new BucketObjects());
    return empty(200, { location: `/${bucket}` });
  },
  DeleteBucket: (call, _, buckets) => {
    if (bucketOf(call, buckets).keys().length > 0) throw refusals.badRequest("not empty");
    buckets.delete(call.bucket);
    return empty(204);
  },
  HeadBucket: (call, _, buckets) => {
    bucketOf(call, buckets);
    return empty(200, { "x-amz-bucket-region": "us-east-1" });
  },
  GetBucketLocation: (call, _, buckets) => {
    bucketOf(call, buckets);
    return document("LocationConstraint", "");
  },
  ListObjectsV2: (call, _, buckets) => list(call, bucketOf(call, buckets)),
  ListMultipartUploads: (call, _, buckets) =>
    document("ListMultipartUploadsResult", {
      IsTruncated: false,
      Upload: bucketOf(call, buckets)
        .uploads()
        .map(({ id, key }) => ({ Key: key, UploadId: id })),
    }),
  DeleteObjects: (call, body, buckets) => {
    const bucket = bucketOf(call, buckets);
    const keys = elementsOf(body.toString(), "Object").map((each) => textOf(each, "Key") ?? "");
    if (keys.length > 1000) throw refusals.badRequest("at most 1000 keys");
    for (const key of keys) bucket.delete(key);
    const quiet = textOf(body.toString(), "Quiet") === "true";
    const Deleted = quiet ? [] : keys.map((Key) => ({ Key }));
    return { ...document("DeleteResult", { Deleted }), named: keys };
  },
  PutObject: (call, body, buckets) => {
    const bucket = bucketOf(call, buckets);
    const put = bucket.put(call.key, objectOf(body, kept(call.request)), conditions(call.request));
    return empty(200, written(put));
  },
  CopyObject: (call, _, buckets) => {
    const source = decodeURIComponent(header(call.request, "x-amz-copy-source") ?? "");
    const [from = "", ...path] = source.replace(/^\//, "").split("/");
    const { bytes, headers } = bucketOf({ bucket: from }, buckets).get(path.join("/"));
    const copy = objectOf(bytes, headers);
    bucketOf(call, buckets).put(call.key, copy, conditions(call.request));
    const facts = { ETag: copy.etag, LastModified: copy.modified.toISOString() };
    return { ...document("CopyObjectResult", facts), reads: `${from}/${path.join("/")}` };
  },
  GetObject: read,
  HeadObject: (call, body, buckets) => read(call, body, buckets),
  DeleteObject: (call, _, buckets) => {
    const bucket = bucketOf(call, buckets);
    bucket.check(call.key, { ifMatch: header(call.request, "if-match") });
    bucket.delete(call.key);
    return empty(204);
  },
  CreateMultipartUpload: (call, _, buckets) => {
    const checked = header(call.request, "x-amz-checksum-algorithm") !== undefined;
    const id = bucketOf(call, buckets).begin(call.key, kept(call.request), checked);
    const { bucket: Bucket, key: Key } = call;
    return document("InitiateMultipartUploadResult", { Bucket, Key, UploadId: id });
  },
  UploadPart: (call, body, buckets) => {
    const part = objectOf(body, new Map());
    const number = Number(call.query.get("partNumber"));
    if (!(number >= 1 && number <= 10_000))
      throw refusals.badRequest("part numbers are 1 to 10000");
    bucketOf(call, buckets).addPart(uploadId(call), number, part);
    return empty(200, written(part));
  },
  CompleteMultipartUpload: (call, body, buckets) => {
    const parts = elementsOf(body.toString(), "Part").map((part) => ({
      number: Number(textOf(part, "PartNumber")),
      etag: textOf(part, "ETag") ?? "",
      crc32: textOf(part, "ChecksumCRC32"),
    }));
    const bucket = bucketOf(call, buckets);
    const object = bucket.complete(uploadId(call), parts, conditions(call.request));
    const { bucket: Bucket, key: Key } = call;
    const { crc32: ChecksumCRC32, type: ChecksumType } = object.checksum;
    const facts = { Bucket, Key, ETag: object.etag, ChecksumCRC32, ChecksumType };
    return document("CompleteMultipartUploadResult", facts);
  },
  AbortMultipartUpload: (call, _, buckets) => {
    bucketOf(call, buckets).abort(uploadId(call));
    return empty(204);
  },
};

const epoch = new Date(0).toISOString();

/** Which operation a request asks for; `""` for one that this server does not know. */
export function operationOf(
  method: string,
  path: Pick<S3Call, "bucket" | "key" | "query">,
): string {
  const { bucket, key, query } = path;
  if (bucket === "") return method === "GET" ? "ListBuckets" : "";
  return (key === "" ? onBucket(method, query) : onObject(method, query)) ?? "";
}

function onBucket(method: string, query: URLSearchParams): string | undefined {
  if (method === "POST") return query.has("delete") ? "DeleteObjects" : undefined;
  if (method === "GET") {
    if (query.get("list-type") === "2") return "ListObjectsV2";
    if (query.has("uploads")) return "ListMultipartUploads";
    return query.has("location") ? "GetBucketLocation" : undefined;
  }
  return { PUT: "CreateBucket", HEAD: "HeadBucket", DELETE: "DeleteBucket" }[method];
}

function onObject(method: string, query: URLSearchParams): string | undefined {
  const ofUpload = query.has("uploadId");
  switch (method) {
    case "PUT":
      return ofUpload ? "UploadPart" : "PutObject";
    case "POST":
      if (query.has("uploads")) return "CreateMultipartUpload";
      return ofUpload ? "CompleteMultipartUpload" : undefined;
    case "DELETE":
      return ofUpload ? "AbortMultipartUpload" : "DeleteObject";
    default:
      return { GET: "GetObject", HEAD: "HeadObject" }[method];
  }
}

function list(call: S3Call, bucket: BucketObjects): S3Answer {
  const { query } = call;
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const after = token === null ? query.get("start-after") : Buffer.from(token, "hex").toString();
  const max = Math.min(1000, Number(query.get("max-keys") ?? 1000));
  const follows = (key: string): boolean =>
    after === null || Buffer.compare(Buffer.from(key), Buffer.from(after)) > 0;
  const objects: string[] = [];
  const prefixes = new Set<string>();
  let last = "";
  let isTruncated = false;
  for (const key of bucket.keys()) {
    if (!key.startsWith(prefix) || !follows(key)) continue;
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    const group = end < 0 ? undefined : key.slice(0, end + delimiter.length);
    if (group !== undefined && (prefixes.has(group) || !follows(group))) continue;
    isTruncated = objects.length + prefixes.size === max;
    if (isTruncated) break;
    if (group === undefined) objects.push(key);
    else prefixes.add(group);
    last = group ?? key;
  }
  return document("ListBucketResult", {
    Name: call.bucket,
    Prefix: prefix,
    MaxKeys: max,
    KeyCount: objects.length + prefixes.size,
    IsTruncated: isTruncated,
    ...(isTruncated ? { NextContinuationToken: Buffer.from(last).toString("hex") } : {}),
    Contents: objects.map((key) => listed(key, bucket.get(key))),
    CommonPrefixes: [...prefixes].map((Prefix) => ({ Prefix })),
  });
}

function listed(key: string, { bytes, etag, modified }: StoredObject): Xml {
  return { Key: key, LastModified: modified.toISOString(), ETag: etag, Size: bytes.length };
}

function read(call: S3Call, _: Buffer, buckets: Buckets): S3Answer {
  const object = bucketOf(call, buckets).get(call.key);
  const ifMatch = header(call.request, "if-match");
  bucketOf(call, buckets).check(call.key, { ifMatch });
  const range = rangeOf(header(call.request, "range"), object.bytes.length);
  const wantsChecksum = header(call.request, "x-amz-checksum-mode") === "ENABLED";
  const common = {
    etag: object.etag,
    "last-modified": object.modified.toUTCString(),
    "accept-ranges": "bytes",
    ...Object.fromEntries(object.headers),
    ...(wantsChecksum && range === undefined ? checksumHeaders(object) : {}),
  };
  if (range === undefined) {
    return { status: 200, headers: common, body: object.bytes };
  }
  const body = object.bytes.subarray(range.start, range.end);
  const shown = `bytes ${range.start}-${range.end - 1}/${object.bytes.length}`;
  return { status: 206, headers: { ...common, "content-range": shown }, body };
}

function rangeOf(
  text: string | undefined,
  total: number,
): { readonly start: number; readonly end: number } | undefined {
  const found = /^bytes=(\d*)-(\d*)$/.exec(text ?? "");
  const [, from = "", to = ""] = found ?? [];
  // A range that is none is passed over.
  if (from === "" && to === "") return undefined;
  const start = from === "" ? Math.max(0, total - Number(to)) : Number(from);
  const end = from === "" || to === "" ? total : Math.min(total, Number(to) + 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  if (start >= total) throw refusals.range();
  return { start, end };
}

function bucketOf({ bucket }: Pick<S3Call, "bucket">, buckets: Buckets): BucketObjects {
  const found = buckets.get(bucket);
  if (found === undefined) throw refusals.noBucket();
  return found;
}

function uploadId({ query }: S3Call): string {
  return query.get("uploadId") ?? "";
}

function conditions(request: IncomingMessage): Conditions {
  return {
    ifMatch: header(request, "if-match"),
    ifNoneMatch: header(request, "if-none-match"),
  };
}

/** The headers that are stored with an object. */
function kept(request: IncomingMessage): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(request.headers).flatMap(([name, value]): [string, string][] =>
      typeof value === "string" && (name === "content-type" || name.startsWith("x-amz-meta-"))
        ? [[name, value]]
        : [],
    ),
  );
}

function written(object: StoredObject): Record<string, string> {
  return { etag: object.etag, ...checksumHeaders(object) };
}

function checksumHeaders({ checksum }: StoredObject): Record<string, string> {
  return { "x-amz-checksum-crc32": checksum.crc32, "x-amz-checksum-type": checksum.type };
}

function document(root: string, content: Xml): S3Answer {
  const body = Buffer.from(xmlOf(root, content));
  return { status: 200, headers: { "content-type": "application/xml" }, body };
}

function empty(status: number, headers: Record<string, string> = {}): S3Answer {
  return { status, headers, body: Buffer.alloc(0) };
}
