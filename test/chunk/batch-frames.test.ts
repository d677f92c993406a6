import { expect, test } from "vitest";
import { decodeFrame, FrameBuilder, framesOf } from "../../src/chunk/batch-frames.ts";
import { corruptChunk } from "../../src/chunk/chunk-layout.ts";

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

test("records that are alike come back from frames of columns, in any text", () => {
  const texts = [
    "",
    "short",
    "a text of more than twelve",
    "字",
    "ein Text mit Umläuten: äöü",
    "\ud83d",
    "\ude00",
  ];
  const records = Array.from({ length: 3000 }, (_, i) => ({
    id: i,
    share: i / 7,
    text: texts[i % texts.length],
    long: "x".repeat(i % 200),
    mixed: i % 3 === 0 ? `${i}` : new Date(i),
  }));
  const builder = new FrameBuilder();
  builder.add(records);
  builder.finish();
  const frames = builder.take();
  const read = framesOf(builder.table, corruptChunk).flatMap((frame, i) =>
    decodeFrame(frames[i] ?? new Uint8Array(), frame, corruptChunk),
  );
  expect(read).toStrictEqual(records);
});
