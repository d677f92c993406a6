import { Readable } from "node:stream";
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import type {
  ObjectAnswer,
  ObjectBucket,
  ObjectFacts,
  ObjectPut,
  ObjectRead,
  ObjectWrite,
} from "../backend/object-bucket.ts";
import type { Pacer } from "./pacer.ts";
import { mayHaveHappened, s3Problem } from "./s3-errors.ts";
import { bodyOf, conditionOf, copies, factsOf, rangeText } from "./s3-shapes.ts";
import { UploadSends, until } from "./upload-sends.ts";

/** Bytes of one part of an upload, and parts of it on their way at once: three parts of memory in all. */
const partBytes = 8 * 2 ** 20;
const partsAtOnce = 2;
/** Keys of one request, a limit of the service. */
const keysPerDelete = 1000;

/** A bucket of S3 or of a server that speaks like it. */
export class S3Bucket implements ObjectBucket {
  readonly name: string;
  readonly #client: S3Client;
  readonly #pacer: Pacer;

  constructor(name: string, { client, pacer }: { client: S3Client; pacer: Pacer }) {
    this.name = name;
    this.#client = client;
    this.#pacer = pacer;
  }

  async head(key: string, signal?: AbortSignal): Promise<ObjectFacts | undefined> {
    try {
      const { ContentLength, LastModified, ETag } = await this.#pacer.run(
        () => this.#client.send(new HeadObjectCommand(this.#at(key)), until(signal)),
        signal,
      );
      return factsOf({ Key: key, Size: ContentLength, LastModified, ETag });
    } catch (error) {
      if (s3Problem(error).status === 404) return undefined;
      throw error;
    }
  }

  async get(read: ObjectRead, signal?: AbortSignal): Promise<ObjectAnswer> {
    const command = new GetObjectCommand({
      ...this.#at(read.key),
      ...(read.range === undefined ? {} : { Range: rangeText(read.range) }),
      ...(read.version === undefined ? {} : { IfMatch: read.version }),
    });
    try {
      return await this.#pacer.run(async () => {
        const answer = await this.#client.send(command, until(signal));
        const bytes = await bodyOf(answer, read);
        const total = answer.ContentRange?.split("/")[1] ?? bytes.length;
        const version = answer.ETag ?? "";
        return { kind: "found", bytes, version, totalBytes: Number(total) };
      }, signal);
    } catch (error) {
      const { code, status } = s3Problem(error);
      if (code === "NoSuchBucket") throw error;
      switch (status) {
        case 404:
          return { kind: "missing" };
        case 412:
          return { kind: "changed" };
        case 416:
          return this.#pastEnd(read, signal);
        default:
          throw error;
      }
    }
  }

  async put(write: ObjectWrite, bytes: Uint8Array, signal?: AbortSignal): Promise<ObjectPut> {
    const command = new PutObjectCommand({
      ...this.#at(write.key),
      ...conditionOf(write.condition),
      Body: bytes,
    });
    let isUnclear = false;
    return await this.#settled(
      write,
      this.#pacer.run(async () => {
        try {
          return await this.#client.send(command, until(signal));
        } catch (error) {
          isUnclear ||= mayHaveHappened(error);
          throw error;
        }
      }, signal),
      () => isUnclear,
    );
  }

  async upload(
    write: ObjectWrite,
    bytes: AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<ObjectPut> {
    signal?.throwIfAborted();
    const body = Readable.from(copies(bytes));
    const abortController = new AbortController();
    const abort = (): void => abortController.abort();
    signal?.addEventListener("abort", abort, { once: true });
    const sends = new UploadSends(this.#client, this.#pacer, { body, signal });
    const upload = new Upload({
      client: sends.client,
      params: { ...this.#at(write.key), ...conditionOf(write.condition), Body: body },
      partSize: partBytes,
      queueSize: partsAtOnce,
      abortController,
    });
    try {
      return await this.#settled(write, upload.done(), () => sends.isUnclear);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener("abort", abort);
      body.destroy();
    }
  }

  async copy(from: string, to: string): Promise<boolean> {
    const source = [this.name, ...from.split("/")].map(encodeURIComponent).join("/");
    const command = new CopyObjectCommand({ ...this.#at(to), CopySource: source });
    try {
      await this.#pacer.run(() => this.#client.send(command));
      return true;
    } catch (error) {
      const { code, status } = s3Problem(error);
      if (status === 404 && code !== "NoSuchBucket") return false;
      // S3 has no word of its own for an object that is too large to copy, and no other reason to refuse this copy so.
      if (code !== "InvalidRequest") throw error;
      throw Object.assign(new Error(`${from}: too large to copy`), { code: "EntityTooLarge" });
    }
  }

  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<ObjectFacts> {
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.name,
        Prefix: prefix,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      });
      const page = await this.#pacer.run(() => this.#client.send(command, until(signal)), signal);
      yield* (page.Contents ?? []).map(factsOf);
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  async deleteVersion(key: string, version: string): Promise<boolean> {
    // Looked at first: what is gone answers a conditional delete in more ways than one.
    if ((await this.head(key))?.version !== version) return false;
    const command = new DeleteObjectCommand({ ...this.#at(key), IfMatch: version });
    try {
      await this.#pacer.run(() => this.#client.send(command));
      return true;
    } catch (error) {
      const { status } = s3Problem(error);
      if (status === 412 || status === 404) return false;
      if (status !== 501) throw error;
      // A server that knows no conditions here: the look just taken is as near as one comes.
      await this.deleteAll([key]);
      return true;
    }
  }

  async deleteAll(keys: readonly string[]): Promise<void> {
    for (let start = 0; start < keys.length; start += keysPerDelete) {
      const Objects = keys.slice(start, start + keysPerDelete).map((Key) => ({ Key }));
      const command = new DeleteObjectsCommand({
        Bucket: this.name,
        Delete: { Objects, Quiet: true },
      });
      await this.#pacer.run(async () => {
        const { Errors } = await this.#client.send(command);
        const first = Errors?.[0];
        if (first === undefined) return;
        // The request as a whole has succeeded: what is wrong with one key is thrown as it would be alone.
        const what = `${first.Key}: ${first.Code} ${first.Message}`;
        throw Object.assign(new Error(what), { code: first.Code });
      });
    }
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.name, Key: key };
  }

  /** What became of a write that was tried until it was answered. */
  async #settled(
    { key, condition }: ObjectWrite,
    answer: Promise<{ readonly ETag?: string | undefined }>,
    isUnclear: () => boolean,
  ): Promise<ObjectPut> {
    try {
      return { kind: "written", version: (await answer).ETag ?? "" };
    } catch (error) {
      const { code, status } = s3Problem(error);
      // A condition on a version of what is not there fails with 404.
      if (status === 412 || code === "NoSuchKey") {
        return { kind: isUnclear() ? "unclear" : "refused" };
      }
      // Its parts are gone: it was completed, or given up by the service for another write that it met.
      const isOver = code === "NoSuchUpload" || code === "ConditionalRequestConflict";
      const wantsAny = condition !== undefined && "absent" in condition;
      if (isOver && (isUnclear() || wantsAny) && (await this.head(key)) !== undefined) {
        return { kind: "unclear" };
      }
      throw error;
    }
  }

  /** What a read finds of an object that ends before its range. */
  async #pastEnd(read: ObjectRead, signal: AbortSignal | undefined): Promise<ObjectAnswer> {
    const facts = await this.head(read.key, signal);
    if (facts === undefined) return { kind: "missing" };
    const { version, bytes: totalBytes } = facts;
    if (read.version !== undefined && read.version !== version) return { kind: "changed" };
    return { kind: "found", bytes: new Uint8Array(), version, totalBytes };
  }
}
