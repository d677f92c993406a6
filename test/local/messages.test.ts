import { describe, expect, test } from "vitest";
import type { Program } from "../../src/backend/program.ts";
import type { TaskResult } from "../../src/backend/task.ts";
import { nameOf } from "../../src/base/content-name.ts";
import { FrameReader } from "../../src/local/framing.ts";
import {
  decodeFromWorker,
  decodeToWorker,
  encodeFromWorker,
  encodeToWorker,
} from "../../src/local/message.ts";
import { ProgramTable } from "../../src/local/program-table.ts";
import { invocation } from "./fake-pool.ts";

/** Values that JSON and many codecs change. */
const delicate = {
  zero: -0,
  nothing: undefined,
  big: 2n ** 70n,
  date: new Date(0),
  map: new Map<unknown, unknown>([[1, new Set(["x"])]]),
  floats: Float64Array.of(0.1, Number.NaN),
  text: "\ud800 ä",
};

const measures = {
  startMs: 0.5,
  readMs: 0,
  runMs: 1e-7,
  writeMs: 0,
  readBytes: 2 ** 40,
  peakBytes: 1,
};

describe("messages between client and worker", () => {
  test("keep invocations and their bytes", () => {
    const sent = invocation(["a", "b"], { timeoutMs: 5 });
    const { program, ...rest } = sent;
    const message = { kind: "run", invocation: rest, program: program.id } as const;
    expect(decodeToWorker(encodeToWorker(message))).toEqual(message);
  });

  test("keep programs with delicate parameters", () => {
    const { program: _, ...rest } = invocation([]);
    const body: Program = {
      id: nameOf("p"),
      steps: [{ operation: "x", arguments: [{ input: 0 }], params: delicate }],
      functions: [],
    };
    const message = { kind: "run", invocation: rest, program: body.id, body } as const;
    const decoded = decodeToWorker(encodeToWorker(message));
    expect(decoded).toStrictEqual(message);
  });

  test("keep statistics and errors", () => {
    const done: TaskResult = {
      status: "done",
      index: 4_000_000_000,
      attempt: 1,
      output: { bytes: 3, rows: 1, checksum: 4_294_967_295, statistics: delicate },
      existed: false,
      lazy: true,
      measures,
    };
    const failed: TaskResult = {
      status: "failed",
      index: 1,
      attempt: 2,
      failure: {
        kind: "user",
        error: { name: "E", message: "m", stack: "s", fields: { delicate }, thrown: undefined },
      },
      measures,
    };
    const message = { kind: "finished", results: [done, failed], recycle: true } as const;
    expect(decodeFromWorker(encodeFromWorker(message))).toStrictEqual(message);
  });

  test("hand over bytes as plain arrays, whose slices are copies", () => {
    const inline = Buffer.from([1, 2, 3]);
    const output = { bytes: 3, rows: 1, checksum: 0, inline };
    const done: TaskResult = {
      status: "done",
      index: 0,
      attempt: 1,
      output,
      existed: false,
      lazy: false,
      measures,
    };
    const decoded = decodeFromWorker(encodeFromWorker({ kind: "results", results: [done] }));
    const [result] = decoded.kind === "results" ? decoded.results : [];
    if (result?.status !== "done") throw new Error("no result");
    expect(result.output.inline?.constructor).toBe(Uint8Array);
    expect([...(result.output.inline ?? [])]).toEqual([1, 2, 3]);
  });
});

describe("frames", () => {
  function framed(payloads: readonly number[][]): Uint8Array {
    return Buffer.concat(
      payloads.map((payload) => {
        const header = Buffer.alloc(4);
        header.writeUInt32BE(payload.length);
        return Buffer.concat([header, Uint8Array.from(payload)]);
      }),
    );
  }

  test.each([1, 2, 3, 4, 5, 7, 11, 100])("come out whole from pieces of %i bytes", (size) => {
    const payloads = [[1, 2, 3], [], [4], Array.from({ length: 20 }, (_, i) => i), []];
    const bytes = framed(payloads);
    const got: number[][] = [];
    const reader = new FrameReader((payload) => got.push([...payload]));
    for (let start = 0; start < bytes.length; start += size) {
      reader.push(bytes.subarray(start, start + size));
    }
    expect(got).toEqual(payloads);
  });

  test("of impossible length are refused", () => {
    const reader = new FrameReader(() => {});
    expect(() => reader.push(Uint8Array.of(255, 255, 255, 255))).toThrow("message");
  });
});

describe("the table of programs", () => {
  test("is the same on both ends: the oldest goes first, at the same moment", () => {
    const client = new ProgramTable<true>();
    const worker = new ProgramTable<string>();
    const id = (i: number) => nameOf(i);
    for (let i = 0; i < 600; i++) {
      const again = id(Math.floor(i / 2));
      for (const each of [id(i), again]) {
        expect(worker.has(each)).toBe(client.has(each));
        if (client.has(each)) continue;
        client.add(each, true);
        worker.add(each, "body");
      }
    }
    expect(client.has(id(0))).toBe(false);
    expect(worker.get(id(599))).toBe("body");
  });
});
