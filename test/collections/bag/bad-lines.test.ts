import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { type BadLine, readJsonLines } from "../../../src/bag.ts";
import { annotate, logEvent } from "../../../src/index.ts";
import { sharedClient, temporaryFolder } from "../../client/support.ts";

const client = sharedClient({ inline: true });
const folder = temporaryFolder();

/** Every third line is bad, and some are empty. */
const lines = Array.from({ length: 40 }, (_, i) => {
  if (i % 7 === 6) return i % 2 === 0 ? "" : "  ";
  return i % 3 === 0 ? `{"n": é${i}` : JSON.stringify({ n: i, text: "漢😀" });
});
const isBad = (line: string): boolean => line.startsWith('{"n": é');
const good = lines
  .filter((line) => line.trim() !== "" && !isBad(line))
  .map((line) => JSON.parse(line) as unknown);
const bad = lines.filter(isBad);

function file(name: string, text: string): string {
  const full = path.join(folder.path, name);
  writeFileSync(full, text);
  return full;
}

/** What tasks told of lines left out while `run` ran. */
async function told(run: () => Promise<unknown>): Promise<{ lines: number; first: unknown }[]> {
  const before = client.current.events("bad lines").length;
  await run();
  const events = client.current.events("bad lines").slice(before);
  return events.map(({ data }) => data as { lines: number; first: unknown });
}

test("lines left out are counted, each once, wherever the file is cut", async () => {
  const full = file("cut.jsonl", lines.join("\n"));
  const size = Buffer.byteLength(lines.join("\n"));
  for (const blockBytes of [7, 20, 33, 100, 250, size - 1, size + 1]) {
    const bag = readJsonLines(full, { blockBytes, onBadLine: "skip" });
    const events = await told(async () => expect(await bag.compute()).toEqual(good));
    expect(events.reduce((sum, event) => sum + event.lines, 0)).toBe(bad.length);
  }
});

test("a task tells once for all of its files, of the first line by name; one that leaves nothing out is silent", async () => {
  const names = ["a.jsonl", "b.jsonl", "c.jsonl"].map((name, i) =>
    file(name, i === 0 ? "1\n2" : `1\n\n${"x".repeat(100)}\ny`),
  );
  const skip = { onBadLine: "skip" } as const;
  const all = readJsonLines(names, { filesPerPartition: 3, ...skip });
  const first = {
    file: names[1],
    line: 3,
    text: `${"x".repeat(60)}…`,
    reason: "Unexpected token 'x'",
  };
  expect(await told(() => all.compute())).toEqual([{ lines: 4, first }]);
  expect(await told(() => readJsonLines(names[0] ?? "", skip).compute())).toEqual([]);
  const later = readJsonLines(names[1] ?? "", { blockBytes: 102, ...skip });
  const byte = { file: names[1], byte: 104, text: "y", reason: "Unexpected token 'y'" };
  expect(await told(() => later.compute())).toEqual([
    { lines: 1, first },
    { lines: 1, first: byte },
  ]);
});

test("who wants no more records is told of the lines that were read", async () => {
  const full = file(
    "taken.jsonl",
    ["x", "1", "x", "2", ...new Array<string>(100_000).fill("3"), "x"].join("\n"),
  );
  const bag = readJsonLines(full, { onBadLine: "skip" });
  const events = await told(async () => expect(await bag.take(1)).toEqual([1]));
  expect(events.map((event) => event.lines)).toEqual([2]);
});

test("a task that is tried again counts its bad lines once", async () => {
  const full = file("retried.jsonl", ["x", "1", "y", "2", "z"].join("\n"));
  const seen = file("retried.log", "");
  const bag = annotate({ retries: 2 }, () =>
    readJsonLines<number>(full, { onBadLine: "skip" }).map((n, log) => {
      appendFileSync(log, "x");
      if (readFileSync(log, "utf8").length < 3) throw new Error("not yet");
      return n;
    }, seen),
  );
  const events = await told(async () => expect(await bag.compute()).toEqual([1, 2]));
  expect(events.map((event) => event.lines)).toEqual([3]);
});

test("bad lines take no room from what a task logs, and hide no error of its own", async () => {
  const full = file("logged.jsonl", `1\n${"x".repeat(59)}😀\n`);
  const logsAll = (n: number): number => {
    for (let i = 0; i < 1000; i++) logEvent("mine", i);
    return n;
  };
  const bag = readJsonLines<number>(full, { onBadLine: "skip" }).map(logsAll);
  const events = await told(async () => expect(await bag.compute()).toEqual([1]));
  expect(events.map((event) => event.lines)).toEqual([1]);
  const throws = (): never => {
    throw new Error("MINE");
  };
  expect(await told(() => expect(bag.map(throws).compute()).rejects.toThrow("MINE"))).toEqual([]);
});

test("a function says what becomes of a bad line, wherever the file is cut", async () => {
  const full = file("asked.jsonl", lines.join("\n"));
  const expected = lines
    .filter((line) => line.trim() !== "")
    .flatMap((line) => {
      if (!isBad(line)) return [JSON.parse(line) as unknown];
      return line.endsWith("0") ? [] : [{ bad: line }];
    });
  const onBadLine = ({ text }: BadLine): unknown =>
    text.endsWith("0") ? undefined : { bad: text };
  for (const blockBytes of [7, 33, 100, 10_000]) {
    expect(await readJsonLines(full, { blockBytes, onBadLine }).compute()).toEqual(expected);
  }
  const later = async (line: BadLine): Promise<unknown> => {
    await Promise.resolve();
    return onBadLine(line);
  };
  expect(await readJsonLines(full, { onBadLine: later }).compute()).toEqual(expected);
});

test("the function is told all of the line, and its place", async () => {
  const full = file("place.jsonl", `1\n${"x".repeat(200)}\n2\ny`);
  const onBadLine = ({ text, error, ...place }: BadLine): unknown => [text, error.message, place];
  const at = readJsonLines(full, { includePath: true, onBadLine });
  expect(await at.compute()).toEqual([
    [1, full],
    [["x".repeat(200), "Unexpected token 'x'", { file: full, line: 2 }], full],
    [2, full],
    [["y", "Unexpected token 'y'", { file: full, line: 4 }], full],
  ]);
  const cut = await readJsonLines(full, { blockBytes: 100, onBadLine }).compute();
  expect(cut.at(-1)).toEqual(["y", "Unexpected token 'y'", { file: full, byte: 205 }]);
  const throwing = readJsonLines(full, {
    onBadLine: ({ line }) => {
      throw new Error(`line ${line} is bad`);
    },
  });
  await expect(throwing.compute()).rejects.toThrow("line 2 is bad");
});
