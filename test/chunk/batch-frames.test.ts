import { expect, test } from "vitest";
import { FrameBuilder } from "../../src/chunk/batch-frames.ts";

test("frames that pack into next to nothing hold no memory but their own", () => {
  const builder = new FrameBuilder();
  const record = "the same text again and again ".repeat(10);
  const batch = Array.from({ length: 512 }, () => record);
  for (let i = 0; i < 100; i++) builder.add(batch);
  builder.finish();
  const frames = builder.take();
  expect(frames.length).toBeGreaterThan(20);
  const held = new Set(frames.map((frame) => frame.buffer));
  const heldBytes = [...held].reduce((sum, buffer) => sum + buffer.byteLength, 0);
  // The records are 15 MB. The packer's own buffer may be among those held.
  expect(builder.bodyBytes).toBeLessThan(200_000);
  expect(heldBytes).toBeLessThan(1_000_000);
});
