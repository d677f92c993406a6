/**
 * Statistics of text files: words, lines per state, and the northernmost town of each state, computed from files that
 * are read in blocks, and checked against plain loops over the same files.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readText } from "../src/bag.ts";
import { compute } from "../src/index.ts";

interface Town {
  readonly name: string;
  readonly state: string;
  readonly latitude: number;
}

function dataFile(name: string): string {
  return fileURLToPath(new URL(`../data/${name}`, import.meta.resolve("vega-datasets")));
}

function wordsOf(line: string): string[] {
  return line.toLowerCase().match(/[a-z]+/g) ?? [];
}

function townOf(line: string): Town {
  const [, latitude = "", , name = "", state = ""] = line.split(",");
  return { name, state, latitude: Number(latitude) };
}

function north(a: Town, b: Town): Town {
  return b.latitude > a.latitude ? b : a;
}

const reports = dataFile("birdstrikes.csv");
const codes = dataFile("zipcodes.csv");

const words = readText(reports, { blockBytes: "128 KiB" })
  .map(wordsOf)
  .flatten()
  .frequencies()
  .topk(8, { key: ([, count]) => count });

const towns = readText(codes, { blockBytes: "256 KiB" })
  .filter((line) => !line.startsWith("zip_code"))
  .map(townOf);
const states = towns.map((town) => town.state).frequencies();
const northernmost = towns.foldBy((town) => town.state, north);

const [topWords, perState, norths] = await compute(words, states, northernmost);

console.table(topWords.map(([word, count]) => ({ word, count })));
const most = perState.toSorted(([, a], [, b]) => b - a).slice(0, 5);
const northOf = new Map(norths);
console.table(
  most.map(([state, count]) => ({ state, count, "furthest north": northOf.get(state)?.name })),
);

const lines = readFileSync(codes, "utf8").trimEnd().split("\n").slice(1);
const expected = new Map<string, { count: number; town: Town }>();
for (const town of lines.map(townOf)) {
  const known = expected.get(town.state);
  expected.set(town.state, {
    count: (known?.count ?? 0) + 1,
    town: known ? north(known.town, town) : town,
  });
}
assert.deepEqual(
  new Map(perState),
  new Map([...expected].map(([state, { count }]) => [state, count])),
);
assert.deepEqual(northOf, new Map([...expected].map(([state, { town }]) => [state, town])));
const text = readFileSync(reports, "utf8").toLowerCase();
for (const [word, count] of topWords) {
  assert.equal(count, text.match(new RegExp(`(?<![a-z])${word}(?![a-z])`, "g"))?.length);
}
console.log(`checked: ${lines.length} towns of ${expected.size} states, ${topWords.length} words`);
