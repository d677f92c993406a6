import { afterEach, beforeEach, expect, test } from "vitest";
import { LiveBlock } from "../../src/client/progress/live-block.ts";
import { Screen } from "../support/screen.ts";

const { write } = process.stderr;
let screen = new Screen();
let block = new LiveBlock();

beforeEach(() => {
  screen = new Screen();
  const toScreen: typeof write = (chunk: string | Uint8Array) => {
    // The terminal returns the carriage at each line's end.
    screen.write(Buffer.from(chunk).toString().replaceAll("\n", "\r\n"));
    return true;
  };
  process.stderr.write = toScreen;
  block = new LiveBlock();
});
afterEach(() => {
  process.stderr.write = write;
});

test("a line that goes above the block is at once followed by the block, whether it comes as text or as bytes", () => {
  block.draw(["working", "1/2"]);
  process.stderr.write("text\n");
  expect(screen.lines).toEqual(["text", "working", "1/2", ""]);
  // What workers print comes as bytes.
  process.stderr.write(Buffer.from("bytes\n"));
  expect(screen.lines).toEqual(["text", "bytes", "working", "1/2", ""]);
});

test("a line that has not ended stays on the screen: the block is drawn below it", () => {
  block.draw(["working"]);
  process.stderr.write("half");
  expect(screen.lines).toEqual(["half"]);
  block.draw(["working on"]);
  block.draw(["still working"]);
  expect(screen.lines).toEqual(["half", "still working", ""]);
  process.stderr.write(Buffer.from("more"));
  block.leave(["done"]);
  block.clear();
  expect(screen.lines).toEqual(["half", "more", "done", ""]);
});

test("the end of a line that was begun by itself leaves no empty line", () => {
  block.draw(["working"]);
  process.stderr.write("half");
  process.stderr.write(" and half\n");
  block.draw(["still working"]);
  expect(screen.lines).toEqual(["half and half", "still working", ""]);
});

test("writing nothing begins no line", () => {
  block.draw(["working"]);
  process.stderr.write("");
  expect(screen.lines).toEqual(["working", ""]);
});

test.each(["a line\n", "half"])(
  "a block that is taken away after %j was written gives writes back",
  (text) => {
    const before = process.stderr.write;
    block.draw(["working"]);
    expect(process.stderr.write).not.toBe(before);
    process.stderr.write(text);
    block.clear();
    expect(process.stderr.write).toBe(before);
    expect(screen.lines).toEqual(text.split("\n"));
  },
);
