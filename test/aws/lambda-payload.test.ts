import { describe, expect, test } from "vitest";
import {
  decodePayload,
  encodePayload,
  messageBytesMax,
  payloadTextMax,
} from "../../src/aws/lambda-payload.ts";
import { protocolVersion } from "../../src/backend/task.ts";
import { isLambdaskError } from "../../src/base/errors.ts";
import { seededRandom } from "../../src/base/seeded-random.ts";

function noise(length: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random.below(256));
}

describe("a message as a payload", () => {
  test.each([0, 1, 2, 3, 2047, 2048, 10_000])("of %i random bytes comes back", (length) => {
    const message = noise(length, length);
    const read = decodePayload(encodePayload(message));
    expect(read.kind === "message" && new Uint8Array(read.bytes)).toEqual(message);
  });

  test("is smaller than the message if that repeats itself", () => {
    const message = new Uint8Array(100_000).fill(7);
    const text = encodePayload(message);
    expect(text.length).toBeLessThan(1000);
    const read = decodePayload(text);
    expect(read.kind === "message" && new Uint8Array(read.bytes)).toEqual(message);
  });

  test("is JSON when it stands in quotes", () => {
    const text = encodePayload(noise(5000, 1));
    expect(JSON.parse(`"${text}"`)).toBe(text);
  });

  test("fits into a call of Lambda if it is no longer than the limit for messages", () => {
    // Random bytes: compression does not help.
    const text = encodePayload(noise(messageBytesMax, 2));
    expect(text.length + 2).toBeLessThanOrEqual(payloadTextMax);
    expect(payloadTextMax).toBe(6_291_456);
  });

  test("of another version says which one, whatever follows", () => {
    const other = protocolVersion + 1;
    expect(decodePayload(`lambdask/${other}/r/!?`)).toEqual({
      kind: "other-protocol",
      protocol: other,
    });
    expect(decodePayload(encodePayload(new Uint8Array(), other))).toEqual({
      kind: "other-protocol",
      protocol: other,
    });
  });

  test.each([undefined, null, 7, {}, "", "hello", "lambdask/x/r/", '"lambdask/1/r/"'])(
    "is not %j",
    (payload) => {
      const read = (): unknown => decodePayload(payload);
      expect(read).toThrow("no message of lambdask");
      try {
        read();
      } catch (error) {
        expect(isLambdaskError(error, "MISMATCH")).toBe(true);
      }
    },
  );
});
