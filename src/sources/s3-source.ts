import path from "node:path";
import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import type { ObjectBucket, ObjectFacts } from "../backend/object-bucket.ts";
import { s3Problem } from "./s3-errors.ts";
import { changedError, sourceError } from "./source-error.ts";

/** Bytes of one request, requests ahead of the reader, and bytes handed over at once. */
const requestBytes = 4 * 2 ** 20;
const requestsAhead = 2;
const pieceBytes = 2 ** 20;
const globCharacters = /[*?[\]{}]/;

/** Objects by `s3://bucket/key`, by a glob over keys, or by a prefix that ends in `/`. */
export class S3Source implements ByteSource {
  readonly #open: (bucket: string) => ObjectBucket;

  /** `open` gives a bucket by name. */
  constructor(open: (bucket: string) => ObjectBucket) {
    this.#open = open;
  }

  async expand(pattern: string): Promise<readonly SourceFile[]> {
    const { bucket, key } = placeOf(pattern, this.#open);
    return await onObject(pattern, async () => {
      const isPrefix = key === "" || key.endsWith("/");
      const exact = isPrefix ? undefined : await bucket.head(key);
      if (exact !== undefined) return [fileOf(bucket, exact)];
      const isGlob = globCharacters.test(key);
      const files = isPrefix || isGlob ? await matches(bucket, key, isGlob) : [];
      if (files.length > 0) return files;
      throw sourceError(pattern, {
        what: isPrefix || isGlob ? "no object matches this" : "there is no such object",
        fix: "check the bucket, the key and the region",
      });
    });
  }

  async *read(
    file: SourceFile,
    range: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const { bucket, key } = placeOf(file.url, this.#open);
    const end = Math.min(range.end, file.bytes);
    const fetch = async (start: number): Promise<Uint8Array> => {
      const part = { start, end: Math.min(start + requestBytes, end) };
      const read = { key, range: part, version: file.version };
      const answer = await onObject(file.url, () => bucket.get(read, signal));
      // Deleted or written anew: either way not what the work was planned on.
      if (answer.kind !== "found") throw changedError(file.url);
      return answer.bytes;
    };
    const ahead: Promise<Uint8Array>[] = [];
    let next = range.start;
    while (next < end || ahead.length > 0) {
      for (; next < end && ahead.length < requestsAhead; next += requestBytes) {
        const fetched = fetch(next);
        // A failure counts when its turn comes; until then it must not pass for an unhandled one.
        fetched.catch(() => {});
        ahead.push(fetched);
      }
      const bytes = (await ahead.shift()) ?? new Uint8Array();
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        signal?.throwIfAborted();
        yield bytes.subarray(at, at + pieceBytes);
      }
    }
  }

  async write(url: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const { bucket, key } = placeOf(url, this.#open);
    if (key === "" || key.endsWith("/")) {
      throw sourceError(url, { what: "this names no object", fix: "add a name for it" });
    }
    await onObject(url, () => bucket.upload({ key }, bytes), "write");
  }

  async remove(url: string): Promise<void> {
    const { bucket, key } = placeOf(url, this.#open);
    await onObject(url, () => bucket.deleteAll([key]), "remove");
  }
}

/** The bucket and the key that a URL names. Keys are taken as they stand: S3 knows no `%20`. */
function placeOf(
  url: string,
  open: (bucket: string) => ObjectBucket,
): { readonly bucket: ObjectBucket; readonly key: string } {
  const [, name, key = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/is.exec(url) ?? [];
  if (name === undefined) {
    throw sourceError(url, {
      what: "this names no bucket",
      fix: 'write "s3://bucket/key"',
    });
  }
  return { bucket: open(name), key };
}

async function matches(
  bucket: ObjectBucket,
  key: string,
  isGlob: boolean,
): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for await (const facts of bucket.list(isGlob ? key.slice(0, key.search(globCharacters)) : key)) {
    // What consoles make to show an empty folder.
    const isFolder = facts.key.endsWith("/") && facts.bytes === 0;
    if (isFolder || (isGlob && !path.posix.matchesGlob(facts.key, key))) continue;
    files.push(fileOf(bucket, facts));
  }
  return files.sort((a, b) => (a.url < b.url ? -1 : 1));
}

function fileOf({ name }: ObjectBucket, { key, bytes, version }: ObjectFacts): SourceFile {
  return { url: `s3://${name}/${key}`, bytes, version };
}

/** What no retry can cure. */
const known: Readonly<Record<string, { readonly what: string; readonly fix: string }>> = {
  NoSuchBucket: { what: "there is no such bucket", fix: "check the bucket's name" },
  PermanentRedirect: {
    what: "the bucket is in another region",
    fix: "set AWS_REGION to the bucket's region",
  },
  CredentialsProviderError: {
    what: "there are no credentials",
    fix: "sign in, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  },
  RegionMissing: { what: "no region is set", fix: "set AWS_REGION to the bucket's region" },
  ExpiredToken: { what: "the credentials have expired", fix: "sign in again" },
};

/** What the service wants allowed, by what is done. */
const actions = {
  read: "s3:GetObject and s3:ListBucket",
  write: "s3:PutObject and s3:AbortMultipartUpload",
  remove: "s3:DeleteObject",
};

async function onObject<T>(
  url: string,
  call: () => Promise<T>,
  what: keyof typeof actions = "read",
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { code, status } = s3Problem(error);
    const isDenied = status === 403 || code === "AccessDenied";
    const fix = `give these credentials permission to ${what} it: ${actions[what]}`;
    const problem = known[code] ?? (isDenied ? { what: "no permission", fix } : undefined);
    throw problem === undefined ? error : sourceError(url, { ...problem, cause: error });
  }
}
