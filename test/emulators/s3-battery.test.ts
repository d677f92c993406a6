import { Readable } from "node:stream";
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadBucketCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type PutObjectCommandInput,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { s3Target } from "./s3-target.ts";

const target = await s3Target();
const { client } = target;
const { name: Bucket } = await target.bucket();
const MiB = 2 ** 20;
const wrongTag = '"00000000000000000000000000000000"';

afterAll(() => target[Symbol.asyncDispose]());

type PutOptions = Omit<PutObjectCommandInput, "Bucket" | "Key" | "Body">;
type Body = string | Uint8Array | Readable;

async function put(Key: string, Body: Body, options: PutOptions = {}) {
  return client.send(new PutObjectCommand({ Bucket, Key, Body, ...options }));
}

async function get(Key: string, options: Omit<GetObjectCommandInput, "Bucket" | "Key"> = {}) {
  const answer = await client.send(new GetObjectCommand({ Bucket, Key, ...options }));
  return { ...answer, bytes: Buffer.from((await answer.Body?.transformToByteArray()) ?? []) };
}

async function textOf(key: string): Promise<string> {
  return (await get(key)).bytes.toString();
}

/** Status and code of a request that is refused. */
async function refusal(request: Promise<unknown>): Promise<{ status: unknown; code: unknown }> {
  try {
    await request;
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { status: $metadata?.httpStatusCode, code: name };
  }
  throw new Error("it was not refused");
}

function randomBytes(length: number, seed = 1): Buffer {
  const random = seededRandom(seed);
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = random.below(2 ** 32);
  return Buffer.from(words.buffer, 0, length);
}

describe(`S3 on ${target.name}`, () => {
  describe("objects", () => {
    const body = randomBytes(3_000_000);
    let etag = "";

    beforeAll(async () => {
      etag = (await put("a/whole", body)).ETag ?? "";
    });

    test("the bucket is there", async () => {
      await client.send(new HeadBucketCommand({ Bucket }));
    });

    test("a write is answered with a tag and a checksum", async () => {
      const answer = await put("a/small", "abc");
      // MD5 and CRC32 of "abc", from their specifications' test vectors.
      expect(answer.ETag).toBe('"900150983cd24fb0d6963f7d28e17f72"');
      // MiniStack checks what comes, but sends none back.
      if (target.name === "ministack") return;
      expect(answer.ChecksumCRC32).toBe(Buffer.from("352441c2", "hex").toString("base64"));
    });

    test("a read gives the bytes", async () => {
      const read = await get("a/whole");
      expect(read.bytes.equals(body)).toBe(true);
      expect(read.ETag).toBe(etag);
    });

    test("a read gives a range", async () => {
      const read = await get("a/whole", { Range: "bytes=100-199" });
      expect(read.bytes.equals(body.subarray(100, 200))).toBe(true);
      expect(read.$metadata.httpStatusCode).toBe(206);
      expect(read.ContentRange).toBe("bytes 100-199/3000000");
    });

    test("a read gives the end", async () => {
      const read = await get("a/whole", { Range: "bytes=-64" });
      expect(read.bytes.equals(body.subarray(-64))).toBe(true);
    });

    test("a read past the end is refused", async () => {
      const read = get("a/whole", { Range: "bytes=99999999-" });
      expect(await refusal(read)).toEqual({ status: 416, code: "InvalidRange" });
    });

    test("a read of the right version is answered", async () => {
      expect((await get("a/whole", { IfMatch: etag })).bytes).toHaveLength(3_000_000);
    });

    test("a read of a wrong version is refused", async () => {
      expect(await refusal(get("a/whole", { IfMatch: wrongTag }))).toMatchObject({ status: 412 });
    });

    test("a read of what is not there is refused", async () => {
      expect(await refusal(get("none"))).toEqual({ status: 404, code: "NoSuchKey" });
    });

    test("a look at what is not there is refused", async () => {
      const look = client.send(new HeadObjectCommand({ Bucket, Key: "none" }));
      expect(await refusal(look)).toMatchObject({ status: 404 });
    });

    test("a look gives the length and the tag", async () => {
      const look = await client.send(new HeadObjectCommand({ Bucket, Key: "a/whole" }));
      expect(look).toMatchObject({ ContentLength: 3_000_000, ETag: etag });
    });

    test("an object may be empty", async () => {
      await put("a/empty", new Uint8Array());
      expect((await get("a/empty")).bytes).toHaveLength(0);
    });

    test("user metadata come back", async () => {
      await put("a/noted", "x", { Metadata: { shape: "3,4", dtype: "f8" } });
      expect((await get("a/noted")).Metadata).toEqual({ shape: "3,4", dtype: "f8" });
    });

    test("a copy has the bytes", async () => {
      const CopySource = `${Bucket}/a/whole`;
      await client.send(new CopyObjectCommand({ Bucket, Key: "a/copy", CopySource }));
      expect((await get("a/copy")).bytes.equals(body)).toBe(true);
    });

    test("what was written is read at once, 50 times", async () => {
      for (let i = 0; i < 50; i++) {
        await put("a/again", String(i));
        expect(await textOf("a/again")).toBe(String(i));
      }
    });

    test("32 MiB go both ways at once", async () => {
      const keys = Array.from({ length: 32 }, (_, i) => `t/${i}`);
      await Promise.all(keys.map((key, i) => put(key, Buffer.alloc(MiB, i))));
      const read = await Promise.all(keys.map((key) => get(key)));
      const whole = read.map(({ bytes }, i) => bytes.equals(Buffer.alloc(MiB, i)));
      expect(whole).toEqual(keys.map(() => true));
    });
  });

  describe("conditions of writes", () => {
    test("put if absent writes once", async () => {
      await put("c/once", "1", { IfNoneMatch: "*" });
      const second = put("c/once", "2", { IfNoneMatch: "*" });
      expect(await refusal(second)).toEqual({ status: 412, code: "PreconditionFailed" });
      expect(await textOf("c/once")).toBe("1");
    });

    test("one of 32 writers at once wins", async () => {
      const writes = Array.from({ length: 32 }, (_, i) =>
        put("c/race", Buffer.alloc(20_000, i), { IfNoneMatch: "*" }),
      );
      const settled = await Promise.allSettled(writes);
      const winners = settled.flatMap(({ status }, i) => (status === "fulfilled" ? [i] : []));
      expect(winners).toHaveLength(1);
      expect((await get("c/race")).bytes.equals(Buffer.alloc(20_000, winners[0]))).toBe(true);
      const losers = await Promise.all(writes.filter((_, i) => i !== winners[0]).map(refusal));
      for (const { status } of losers) expect([409, 412]).toContain(status);
    });

    test("a write over a version needs that version", async () => {
      const ETag = (await put("c/match", "1")).ETag ?? "";
      await put("c/match", "2", { IfMatch: ETag });
      expect(await refusal(put("c/match", "3", { IfMatch: ETag }))).toMatchObject({ status: 412 });
      expect(await textOf("c/match")).toBe("2");
    });

    test("a write over a version of what is not there is refused", async () => {
      expect(await refusal(put("c/none", "1", { IfMatch: wrongTag }))).toMatchObject({
        status: 404,
      });
    });
  });

  describe("what is sent is checked", () => {
    test("a stream arrives whole", async () => {
      const bytes = randomBytes(70_000);
      await put("s/stream", Readable.from([bytes]), { ContentLength: bytes.length });
      expect((await get("s/stream")).bytes.equals(bytes)).toBe(true);
    });

    test("a wrong checksum is refused", async () => {
      const write = put("s/bad", "abc", { ChecksumCRC32: "AAAAAA==" });
      expect(await refusal(write)).toMatchObject({ status: 400 });
      expect(await refusal(get("s/bad"))).toMatchObject({ status: 404 });
    });

    test("a wrong digest is refused", async () => {
      const write = put("s/bad", "abc", { ContentMD5: "AAAAAAAAAAAAAAAAAAAAAA==" });
      expect(await refusal(write)).toMatchObject({ status: 400 });
    });
  });

  describe("uploads in parts", () => {
    async function begin(Key: string): Promise<string> {
      const command = new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: "CRC32" });
      return (await client.send(command)).UploadId ?? "";
    }

    async function addPart(
      Key: string,
      UploadId: string,
      { n, Body }: { n: number; Body: Buffer },
    ) {
      const command = new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: n, Body });
      const { ETag, ChecksumCRC32 } = await client.send(command);
      return { PartNumber: n, ETag, ChecksumCRC32 };
    }

    test("parts become one object", async () => {
      const bytes = randomBytes(11 * MiB);
      const id = await begin("m/parts");
      const Parts = [];
      for (const [i, start] of [0, 5, 10].entries()) {
        const Body = bytes.subarray(start * MiB, Math.min(11, start + 5) * MiB);
        Parts.push(await addPart("m/parts", id, { n: i + 1, Body }));
      }
      const MultipartUpload = { Parts };
      const whole = { Bucket, Key: "m/parts", UploadId: id, MultipartUpload };
      const { ETag } = await client.send(new CompleteMultipartUploadCommand(whole));
      expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
      expect((await get("m/parts")).bytes.equals(bytes)).toBe(true);
    });

    test("an upload is not completed over what is there", async () => {
      await put("m/there", "first");
      const id = await begin("m/there");
      const part = await addPart("m/there", id, { n: 1, Body: Buffer.from("second") });
      const whole = { Bucket, Key: "m/there", UploadId: id, MultipartUpload: { Parts: [part] } };
      const command = new CompleteMultipartUploadCommand({ ...whole, IfNoneMatch: "*" });
      expect(await refusal(client.send(command))).toMatchObject({ status: 412 });
      expect(await textOf("m/there")).toBe("first");
      const { Key, UploadId } = whole;
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    });

    test("an aborted upload leaves nothing", async () => {
      const UploadId = await begin("m/aborted");
      await addPart("m/aborted", UploadId, { n: 1, Body: Buffer.from("x") });
      const abort = new AbortMultipartUploadCommand({ Bucket, Key: "m/aborted", UploadId });
      await client.send(abort);
      expect(await refusal(get("m/aborted"))).toMatchObject({ status: 404 });
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      expect(Uploads).toEqual([]);
    });

    test("the library uploads a stream of 12 MiB", async () => {
      const bytes = randomBytes(12 * MiB);
      function* pieces(): Generator<Buffer> {
        for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
      }
      const params = { Bucket, Key: "m/stream", Body: Readable.from(pieces()) };
      await new Upload({ client, params }).done();
      expect((await get("m/stream")).bytes.equals(bytes)).toBe(true);
    });
  });

  describe("listing and deleting", () => {
    const keys = Array.from({ length: 25 }, (_, i) => `l/${String(i).padStart(3, "0")} é+&`);

    beforeAll(async () => {
      await Promise.all(keys.map((key) => put(key, "x")));
    });

    test("a listing comes in pages and in order, whatever is in the names", async () => {
      const found: (string | undefined)[] = [];
      let pages = 0;
      let ContinuationToken: string | undefined;
      do {
        const command: ListObjectsV2Command = new ListObjectsV2Command({
          Bucket,
          Prefix: "l/",
          MaxKeys: 10,
          ContinuationToken,
        });
        const page = await client.send(command);
        found.push(...(page.Contents ?? []).map(({ Key }) => Key));
        ContinuationToken = page.NextContinuationToken;
        pages += 1;
      } while (ContinuationToken !== undefined);
      expect(pages).toBe(3);
      expect(found).toEqual(keys);
    });

    test("a listing stops at a delimiter and starts after a key", async () => {
      const folders = await client.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
      expect(folders.CommonPrefixes?.map(({ Prefix }) => Prefix)).toContain("l/");
      const after = { Bucket, Prefix: "l/", StartAfter: "l/020" };
      const rest = await client.send(new ListObjectsV2Command(after));
      expect(rest.Contents?.map(({ Key }) => Key)).toEqual(keys.slice(20));
    });

    test("a deleted object is gone, and deleting it again is no error", async () => {
      await put("d/one", "x");
      await client.send(new DeleteObjectCommand({ Bucket, Key: "d/one" }));
      await client.send(new DeleteObjectCommand({ Bucket, Key: "d/one" }));
      expect(await refusal(get("d/one"))).toMatchObject({ status: 404 });
    });

    test("many are deleted by one request", async () => {
      await put("d/a", "x");
      await put("d/b & é", "x");
      const Objects = [{ Key: "d/a" }, { Key: "d/b & é" }, { Key: "d/never there" }];
      const Delete = { Objects };
      const answer = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
      expect(answer.Errors ?? []).toEqual([]);
      expect(answer.Deleted).toHaveLength(3);
      const left = await client.send(new ListObjectsV2Command({ Bucket, Prefix: "d/" }));
      expect(left.Contents ?? []).toEqual([]);
    });
  });
});
