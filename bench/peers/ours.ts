/**
 * Our side of each peer benchmark: `node bench/peers/ours.ts NAME [TEXT]`. Prints one JSON line: `{"seconds": S}`.
 * Two worker processes, started and warmed by one call each before the clock, as on the peer's side.
 */
import { readFileSync } from "node:fs";
import { readJsonLines, readText } from "../../src/bag.ts";
import { type Client, connect, type Delayed, delayed } from "../../src/index.ts";
import { bagWork } from "./bags.ts";

function inc(x: number): number {
  return x + 1;
}

async function seconds(work: () => Promise<unknown>, expected: unknown): Promise<number> {
  const start = performance.now();
  const result = await work();
  const took = (performance.now() - start) / 1000;
  if (JSON.stringify(result) !== JSON.stringify(expected)) {
    throw new Error(`wrong result: ${JSON.stringify(result).slice(0, 200)}`);
  }
  return took;
}

function futures10k(client: Client): Promise<number> {
  const numbers = Array.from({ length: 10_000 }, (_, k) => k);
  return seconds(async () => {
    const results = await client.gather(client.map(inc, numbers));
    return results.reduce((sum, n) => sum + n, 0);
  }, 50_005_000);
}

function tree100k(): Promise<number> {
  const leaves = 50_000;
  const lazyInc = delayed(inc);
  const lazyAdd = delayed((x: number, y: number) => x + y);
  return seconds(
    () => {
      let level: Delayed<number>[] = Array.from({ length: leaves }, (_, k) => lazyInc(k));
      while (level.length > 1) level = pairs(level, lazyAdd);
      const [root] = level;
      if (root === undefined) throw new Error("an empty tree");
      return root.compute();
    },
    (leaves * (leaves + 1)) / 2,
  );
}

function pairs(
  level: readonly Delayed<number>[],
  add: (x: Delayed<number>, y: Delayed<number>) => Delayed<number>,
): Delayed<number>[] {
  const next: Delayed<number>[] = [];
  for (let k = 0; k < level.length; k += 2) {
    const [left, right] = [level[k], level[k + 1]];
    if (left !== undefined) next.push(right === undefined ? left : add(left, right));
  }
  return next;
}

async function roundtrip(client: Client): Promise<number> {
  const took: number[] = [];
  for (let k = 0; k < 500; k++) {
    took.push(await seconds(() => client.submit(inc, k).result(), k + 1));
  }
  return median(took);
}

const largeBytes = 100_000_000;

/** No two bytes runs are alike, so that nothing is stored once for two; the same bytes as the peer's. */
function largeData(k: number): Uint8Array {
  const data = new Uint8Array(largeBytes).fill(k + 1);
  data[largeBytes - 1] = 7;
  return data;
}

async function scatter100m(client: Client): Promise<number> {
  const took: number[] = [];
  for (let k = 0; k < 5; k++) {
    const data = largeData(k);
    const start = performance.now();
    const future = client.scatter(data);
    await future.ended();
    took.push((performance.now() - start) / 1000);
    const ends = (bytes: Uint8Array): number[] => [bytes.length, bytes[0] ?? 0, bytes.at(-1) ?? 0];
    const seen = await client.submit(ends, future).result();
    if (seen.join() !== [largeBytes, k + 1, 7].join())
      throw new Error(`wrong data: ${seen.join()}`);
    future.release();
  }
  return median(took);
}

async function gather100m(client: Client): Promise<number> {
  const took: number[] = [];
  for (let k = 0; k < 5; k++) {
    const made = client.submit(largeData, k);
    await made.ended();
    const start = performance.now();
    const [data] = await client.gather([made]);
    took.push((performance.now() - start) / 1000);
    if (data.length !== largeBytes || data[0] !== k + 1 || data.at(-1) !== 7) {
      throw new Error("wrong data");
    }
    made.release();
  }
  return median(took);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function wordcount(text: string): Promise<number> {
  const { top10 } = JSON.parse(readFileSync(`${text}.json`, "utf8")) as { top10: unknown };
  return seconds(
    () =>
      readText(text)
        .map((line) => line.split(" "))
        .flatten()
        .frequencies()
        .topk(10, { key: ([, count]) => count })
        .compute(),
    top10,
  );
}

interface Answer {
  readonly status: number;
  readonly path: string;
}

async function jsonLines(file: string): Promise<number> {
  const { counts } = JSON.parse(readFileSync(`${file}.json`, "utf8")) as {
    readonly counts: Readonly<Record<string, number>>;
  };
  const start = performance.now();
  const found = await readJsonLines<Answer>(file)
    .filter(({ status }) => status >= 500)
    .pluck("path")
    .frequencies()
    .compute();
  const took = (performance.now() - start) / 1000;
  const wrong = found.filter(([path, count]) => counts[path] !== count);
  if (found.length !== Object.keys(counts).length || wrong.length > 0) {
    throw new Error(`wrong counts: ${found.length} paths, ${wrong.slice(0, 3).join(" ")}`);
  }
  return took;
}

const [name = "", text = ""] = process.argv.slice(2);
const client = await connect({ processes: 2, progress: "none" });
// Two at once: a worker process starts when there is something for it to do.
await client.gather([client.submit(inc, -1), client.submit(inc, -2)]);
const work: Readonly<Record<string, () => Promise<number>>> = {
  "futures-10k": () => futures10k(client),
  "futures-10k-saturated": () => futures10k(client),
  "tree-100k": () => tree100k(),
  "scatter-100m": () => scatter100m(client),
  "gather-100m": () => gather100m(client),
  roundtrip: () => roundtrip(client),
  "wordcount-1g": () => wordcount(text),
  "wordcount-1g-futures": () => wordcount(text),
  "jsonlines-500m": () => jsonLines(text),
  ...bagWork,
};
const run = work[name];
if (run === undefined) throw new Error(`no benchmark called ${name}`);
const took = await run();
console.log(JSON.stringify({ seconds: took }));
await client.close();
