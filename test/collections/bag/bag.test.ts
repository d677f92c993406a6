import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bag, fromMap, fromSequence, readText } from "../../../src/bag.ts";
import { annotate, type Client, compute, connect, delayed } from "../../../src/index.ts";

const folder = mkdtempSync(path.join(tmpdir(), "lambdask-bag-"));
let client: Client;

beforeAll(async () => {
  client = await connect({
    processes: 2,
    memory: "1 GiB",
    store: path.join(folder, "store"),
    progress: "none",
  });
});

afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true });
});

function at(name: string): string {
  return path.join(folder, name);
}

/** The lines that tasks have appended to a file. */
function logged(name: string): string[] {
  return readFileSync(at(name), "utf8").split("\n").filter(Boolean);
}

/** Files of more than a mebibyte in a folder, at any depth. */
function largeFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => path.join(root, name))
    .filter((name) => statSync(name).size > 2 ** 20);
}

const numbers = Array.from({ length: 100 }, (_, n) => n);

describe("a bag on workers", () => {
  test("computes a chain of every kind of stage", async () => {
    const counts = fromSequence(numbers, { partitions: 7 })
      .filter((n) => n % 2 === 0)
      .map((n) => [n % 10, n % 3])
      .flatten()
      .groupBy((n) => n, { partitions: 3 })
      .map(([n, group]) => [n, group.length] as const)
      .topk(1, { key: ([n, count]) => [count, -n] });
    // 0, 10, … 90 by their last digit, and the 17 even multiples of three.
    expect(await counts.compute()).toEqual([[0, 10 + 17]]);
  });

  test("is computed together with others and shares their work", async () => {
    writeFileSync(at("shared.log"), "");
    const log = at("shared.log");
    const shared = fromSequence(numbers, { partitions: 4 }).map((n) => {
      appendFileSync(log, `${n}\n`);
      return n;
    });
    const [sums, top] = await compute(
      shared.foldBy(
        () => "all",
        (a, b) => a + b,
      ),
      shared.topk(2),
    );
    expect(sums).toEqual([["all", 4950]]);
    expect(top).toEqual([99, 98]);
    expect(logged("shared.log")).toHaveLength(100);
  });

  test("persists, is used again without running again, and is released", async () => {
    writeFileSync(at("kept.log"), "");
    const log = at("kept.log");
    using kept = await fromSequence(numbers, { partitions: 4 })
      .map((n) => {
        appendFileSync(log, `${n}\n`);
        return n * 2;
      })
      .persist();
    expect(kept.partitions).toBe(4);
    expect(await kept.compute()).toEqual(numbers.map((n) => n * 2));
    expect(await kept.map((n) => n / 2).compute()).toEqual(numbers);
    expect(logged("kept.log")).toHaveLength(100);
    kept.release();
    kept.release();
  });

  test("gives its parts in order to for await", async () => {
    const parts: number[][] = [];
    for await (const part of fromSequence(numbers, { partitions: 7 }).map((n) => n + 1)) {
      parts.push(part);
    }
    expect(parts).toHaveLength(7);
    expect(parts.flat()).toEqual(numbers.map((n) => n + 1));
  });

  test.each<readonly [string, (file: string) => void]>([
    ["gone", (file) => rmSync(file)],
    ["damaged", (file) => writeFileSync(file, readFileSync(file).fill(0, 6_000_000, 6_000_100))],
  ])("gives all records although a part is %s while it is read", async (kind, harm) => {
    const made = fromMap(
      function* (count: number) {
        const { createHash } = process.getBuiltinModule("node:crypto");
        // No compression makes these smaller.
        for (let i = 0; i < count; i++) yield createHash("sha512").update(`${i}`).digest("base64");
      },
      [100_000 + (kind === "gone" ? 0 : 1)],
    );
    const before = new Set(largeFiles(at("store")));
    using kept = await made.persist();
    const [file = "", ...others] = largeFiles(at("store")).filter((name) => !before.has(name));
    expect(others).toEqual([]);
    const seen: string[] = [];
    for await (const text of kept.records()) {
      if (seen.push(text) === 10) harm(file);
    }
    expect(seen).toEqual(await made.compute());
  });

  test("takes the first records from the first parts only", async () => {
    writeFileSync(at("take.log"), "");
    const log = at("take.log");
    const bag = fromSequence(numbers, { partitions: 50 }).map((n) => {
      appendFileSync(log, `${n}\n`);
      return n;
    });
    expect(await bag.take(1)).toEqual([0]);
    expect(logged("take.log")).toEqual(["0", "1"]);
    writeFileSync(log, "");
    expect(await bag.take(9)).toEqual(numbers.slice(0, 9));
    // One part of two records, then four parts.
    expect(logged("take.log")).toHaveLength(10);
    expect(await bag.take(0)).toEqual([]);
    expect(await bag.filter((n) => n > 97).take(5)).toEqual([98, 99]);
  });

  test("takes lines without reading the whole file", async () => {
    writeFileSync(at("long.txt"), "line\n".repeat(200_000));
    expect(await readText(at("long.txt")).take(2)).toEqual(["line", "line"]);
  });

  test("counts its records", async () => {
    expect(await fromSequence(numbers, { partitions: 7 }).count().compute()).toBe(100);
    expect(await fromSequence([], { partitions: 3 }).count().compute()).toBe(0);
  });

  test("is an argument of delayed calls", async () => {
    const length = delayed((records: readonly number[]) => records.length);
    expect(await length(fromSequence(numbers, { partitions: 7 })).compute()).toBe(100);
  });

  test("retries what annotate says", async () => {
    writeFileSync(at("retry.log"), "");
    const log = at("retry.log");
    const bag = annotate({ retries: 2 }, () =>
      fromSequence(["a"]).map((text) => {
        appendFileSync(log, "try\n");
        if (readFileSync(log, "utf8").length < 12) throw new Error("not yet");
        return text;
      }),
    );
    expect(await bag.compute()).toEqual(["a"]);
    expect(logged("retry.log")).toHaveLength(3);
  });

  test("reports the error of a user function as it was thrown", async () => {
    const bag = fromSequence(numbers, { partitions: 3 }).map((n) => {
      if (n === 50) throw new RangeError(`no ${n}`);
      return n;
    });
    const computed = bag.compute();
    await expect(computed).rejects.toThrow("no 50");
    await expect(computed).rejects.toMatchObject({ cause: { name: "RangeError" } });
  });

  test("shows and explains itself without starting work", () => {
    const bag = fromSequence(numbers, { partitions: 7 }).groupBy((n) => n % 3);
    expect(inspect(bag)).toBe("Bag { bag.group-by, an unknown number of partitions }");
    expect(bag.explain()).toContain("bag.group-by");
    expect(bag.visualize()).toContain("<svg");
  });
});

describe("writeText", () => {
  test("writes a file per part and then their list", async () => {
    const lines = numbers.map((n) => `line ${n} ä`);
    const paths = await fromSequence(lines, { partitions: 12 }).writeText(at("out/part-*.txt"));
    expect(paths).toHaveLength(12);
    expect(paths[3]).toBe(at("out/part-03.txt"));
    expect(readdirSync(at("out")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(paths.map((name) => readFileSync(name, "utf8")).join("")).toBe(
      lines.map((line) => `${line}\n`).join(""),
    );
    const list = JSON.parse(readFileSync(at("out/_success-part-N.txt.json"), "utf8")) as {
      readonly records: number;
      readonly files: readonly unknown[];
    };
    expect(list.records).toBe(100);
    expect(list.files).toHaveLength(12);
    expect(await readText(at("out/part-*.txt")).compute()).toEqual(lines);
  });

  test("gives no backup to a slow part: the slower of two would leave its temporary file", async () => {
    writeFileSync(at("slow.log"), "");
    const log = at("slow.log");
    const slow = fromSequence(numbers.slice(0, 40), { partitions: 40 }).map(async (n) => {
      appendFileSync(log, `${n}\n`);
      // While it waits, the other worker has nothing else to do.
      if (n === 39) await new Promise((resolve) => setTimeout(resolve, 1500));
      return `${n}`;
    });
    const paths = await slow.writeText(at("slow/*.txt"));
    expect(logged("slow.log").filter((line) => line === "39")).toHaveLength(1);
    const names = [...paths.map((file) => path.basename(file)), "_success-N.txt.json"];
    expect(readdirSync(at("slow")).sort()).toEqual(names);
  });

  test("writes gzip by name, and again when called again", async () => {
    for (const text of ["first", "second"]) {
      const [file = ""] = await fromSequence([text]).writeText(at("again-*.txt.gz"));
      expect(gunzipSync(readFileSync(file)).toString()).toBe(`${text}\n`);
    }
  });

  test("takes the list of an earlier result away before it replaces a part of it", async () => {
    const there = (): string[] => readdirSync(at("over")).sort();
    const names = [0, 1, 2].map((part) => `${part}.txt`);
    const bag = fromSequence(["a", "b", "c"], { partitions: 3 });
    await bag.writeText(at("over/*.txt"));
    expect(there()).toEqual([...names, "_success-N.txt.json"]);
    const failing = bag.map((text) => {
      if (text === "c") throw new Error("not this one");
      return text;
    });
    await expect(failing.writeText(at("over/*.txt"))).rejects.toThrow("not this one");
    expect(there()).toEqual(names);
    await bag.writeText(at("over/*.txt"));
    expect(there()).toEqual([...names, "_success-N.txt.json"]);
  });

  test("leaves no parts of an earlier result that had more, and nothing else is touched", async () => {
    const write = (partitions: number): Promise<string[]> =>
      fromSequence(["a", "b", "c"].slice(0, partitions), { partitions }).writeText(
        at("fewer/*.txt"),
      );
    await write(3);
    writeFileSync(at("fewer/2025.txt"), "somebody's own\n");
    await write(2);
    expect(readdirSync(at("fewer")).sort()).toEqual([
      "0.txt",
      "1.txt",
      "2025.txt",
      "_success-N.txt.json",
    ]);
    const list = { files: [{ url: pathToFileURL(at("fewer/kept.txt")).href }, null, {}] };
    writeFileSync(at("fewer/kept.txt"), "");
    writeFileSync(at("fewer/_success-N.txt.json"), JSON.stringify(list));
    await write(1);
    writeFileSync(at("fewer/_success-N.txt.json"), "no list");
    await write(1);
    expect(readdirSync(at("fewer")).sort()).toEqual([
      "0.txt",
      "1.txt",
      "2025.txt",
      "_success-N.txt.json",
      "kept.txt",
    ]);
  });

  test("may replace the files that the bag is read from", async () => {
    const pattern = at("place/*.txt");
    await fromSequence(["a", "b", "c"], { partitions: 3 }).writeText(pattern);
    await readText(at("place/?.txt"))
      .map((line) => `${line}!`)
      .writeText(pattern);
    expect(await readText(at("place/?.txt")).compute()).toEqual(["a!", "b!", "c!"]);
  });

  test("writes nothing that is no text, and no list", async () => {
    const bag = fromSequence<unknown>([1]) as Bag<string>;
    await expect(bag.writeText(at("bad/*.txt"))).rejects.toThrow(
      "record 0 of partition 0: expected text, got 1",
    );
    expect(readdirSync(at("bad"))).toEqual([]);
  });
});

test("a chain of 5,000 maps is computed like a short one", async () => {
  let bag: Bag<number> = fromSequence([1, 2, 3], { partitions: 1 });
  const increment = (n: number): number => n + 1;
  for (let i = 0; i < 5000; i++) bag = bag.map(increment);
  expect(await bag.compute()).toEqual([5001, 5002, 5003]);
});
