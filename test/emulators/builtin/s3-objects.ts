import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { refusals } from "./s3-error.ts";

/** An object as it is stored. */
export interface StoredObject {
  readonly bytes: Buffer;
  /** With its quotes. */
  readonly etag: string;
  readonly modified: Date;
  /** User metadata and content type, by header name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly checksum: Checksum;
}

/** A CRC32 in base64: of the whole object, or of the checksums of its parts. */
export interface Checksum {
  readonly crc32: string;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

/** What must hold of the object that is there. */
export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

interface Upload {
  readonly key: string;
  readonly headers: ReadonlyMap<string, string>;
  /** True if the upload was begun with a checksum algorithm. */
  readonly checked: boolean;
  readonly parts: Map<number, StoredObject>;
}

/** A part as the request that completes an upload names it. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
  readonly crc32: string | undefined;
}

const partBytesMin = 5 * 2 ** 20;

/** One bucket in memory. */
export class BucketObjects {
  readonly #objects = new Map<string, StoredObject>();
  readonly #uploads = new Map<string, Upload>();
  #uploadsEver = 0;

  /** Keys in order of their UTF-8 bytes, as listings have them. */
  keys(): string[] {
    const byBytes = (a: string, b: string): number =>
      Buffer.compare(Buffer.from(a), Buffer.from(b));
    return [...this.#objects.keys()].sort(byBytes);
  }

  get(key: string): StoredObject {
    const object = this.#objects.get(key);
    if (object === undefined) throw refusals.noKey();
    return object;
  }

  /** Uploads begun and neither completed nor aborted. */
  uploads(): readonly { readonly id: string; readonly key: string }[] {
    return [...this.#uploads].map(([id, { key }]) => ({ id, key }));
  }

  put(key: string, object: StoredObject, conditions: Conditions): StoredObject {
    this.check(key, conditions);
    this.#objects.set(key, object);
    return object;
  }

  /** Refuses unless the conditions of a write or delete hold. */
  check(key: string, { ifMatch, ifNoneMatch }: Conditions): void {
    const object = this.#objects.get(key);
    if (ifNoneMatch === "*" && object !== undefined) throw refusals.precondition();
    if (ifMatch === undefined) return;
    if (object === undefined) throw refusals.noKey();
    if (ifMatch !== "*" && unquoted(ifMatch) !== unquoted(object.etag)) {
      throw refusals.precondition();
    }
  }

  delete(key: string): void {
    this.#objects.delete(key);
  }

  begin(key: string, headers: ReadonlyMap<string, string>, checked: boolean): string {
    this.#uploadsEver += 1;
    const id = `upload-${this.#uploadsEver}`;
    this.#uploads.set(id, { key, headers, checked, parts: new Map() });
    return id;
  }

  addPart(id: string, number: number, part: StoredObject): void {
    this.#upload(id).parts.set(number, part);
  }

  abort(id: string): void {
    this.#upload(id);
    this.#uploads.delete(id);
  }

  complete(id: string, named: readonly NamedPart[], conditions: Conditions): StoredObject {
    const upload = this.#upload(id);
    this.check(upload.key, conditions);
    const parts = named.map((part, i) => chosenPart(upload, part, i === named.length - 1));
    if (parts.length === 0) throw refusals.badRequest("an upload has at least one part");
    const md5s = parts.map(({ etag }) => Buffer.from(unquoted(etag), "hex"));
    const sums = parts.map(({ checksum }) => Buffer.from(checksum.crc32, "base64"));
    const object: StoredObject = {
      bytes: Buffer.concat(parts.map(({ bytes }) => bytes)),
      etag: `"${md5(Buffer.concat(md5s))}-${parts.length}"`,
      modified: new Date(),
      headers: upload.headers,
      checksum: { crc32: `${crcText(Buffer.concat(sums))}-${parts.length}`, type: "COMPOSITE" },
    };
    this.#objects.set(upload.key, object);
    this.#uploads.delete(id);
    return object;
  }

  #upload(id: string): Upload {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw refusals.noUpload();
    return upload;
  }
}

/** `bytes` as an object. */
export function objectOf(bytes: Buffer, headers: ReadonlyMap<string, string>): StoredObject {
  return {
    bytes,
    etag: `"${md5(bytes)}"`,
    modified: new Date(),
    headers,
    checksum: { crc32: crcText(bytes), type: "FULL_OBJECT" },
  };
}

/** A CRC32 as the headers carry it. */
export function crcText(bytes: Buffer): string {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return sum.toString("base64");
}

function chosenPart(upload: Upload, named: NamedPart, isLast: boolean): StoredObject {
  const part = upload.parts.get(named.number);
  if (part === undefined || unquoted(part.etag) !== unquoted(named.etag)) {
    throw refusals.badPart(`part ${named.number} is not there`);
  }
  if (named.crc32 !== undefined && (!upload.checked || named.crc32 !== part.checksum.crc32)) {
    throw refusals.badPart(`the checksum of part ${named.number} is not the one it was sent with`);
  }
  if (!isLast && part.bytes.length < partBytesMin) {
    throw refusals.badRequest(`part ${named.number} is smaller than 5 MiB`);
  }
  return part;
}

function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', "");
}
