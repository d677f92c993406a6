/**
 * Record linkage: which customers of one list are people of another, though their names are misspelt and telephones have
 * changed? A join brings together only records that share a city and the sound of a last name; each pair gets a score,
 * and the best match of every customer is kept. The links are checked against a plain loop over all pairs of the two
 * lists, and against who was copied from whom.
 */
import assert from "node:assert/strict";
import { fromSequence } from "../../src/bag.ts";
import { people } from "../../src/datasets.ts";
import { compute, connect } from "../../src/index.ts";

interface Entry {
  /** Of a customer: whose copy it is, which the linkage does not look at. */
  readonly id: number;
  readonly first: string;
  readonly last: string;
  readonly city: string;
  readonly age: number;
}

interface Link {
  readonly customer: number;
  readonly person: number;
  readonly score: number;
}

const personCount = 4000;
const copiedEvery = 3;
const scoreMin = 0.75;

function entryOf(
  person: { name: readonly [string, string]; address: { city: string }; age: number },
  id: number,
): Entry {
  const [first, last] = person.name;
  return { id, first, last, city: person.address.city, age: person.age };
}

/** As somebody wrote it down in a hurry: two letters swapped, or one doubled. */
function misspelt(entry: Entry): Entry {
  const at = 1 + (entry.id % Math.max(1, entry.last.length - 2));
  const [a = "", b = ""] = [entry.last[at], entry.last[at + 1]];
  const last =
    entry.id % 2 === 0
      ? entry.last.slice(0, at) + b + a + entry.last.slice(at + 2)
      : entry.last.slice(0, at) + a + entry.last.slice(at);
  return { ...entry, last, age: entry.age + (entry.id % 3 === 0 ? 1 : 0) };
}

/** American Soundex: names that sound alike have the same code. */
function soundex(name: string): string {
  const codes = "01230120022455012623010202"; // of a to z
  const codeOf = (letter: string): string => codes[letter.charCodeAt(0) - 97] ?? "0";
  const letters = [...name.toLowerCase()].filter((letter) => /[a-z]/.test(letter));
  let code = "";
  let before = codeOf(letters[0] ?? "");
  for (const letter of letters.slice(1)) {
    const digit = codeOf(letter);
    if (digit !== "0" && digit !== before) code += digit;
    if (letter !== "h" && letter !== "w") before = digit;
  }
  return ((letters[0] ?? "") + code).padEnd(4, "0").slice(0, 4);
}

function blockOf(entry: Entry): string {
  return `${entry.city}/${soundex(entry.last)}`;
}

/** Share of letter pairs that two texts have in common (Dice's coefficient). */
function similarity(a: string, b: string): number {
  const pairs = (text: string): string[] =>
    Array.from({ length: text.length - 1 }, (_, i) => text.slice(i, i + 2).toLowerCase());
  const left = pairs(a);
  const right = pairs(b);
  const size = left.length + right.length;
  let common = 0;
  for (const pair of left) {
    const at = right.indexOf(pair);
    if (at < 0) continue;
    right.splice(at, 1);
    common += 1;
  }
  return size === 0 ? Number(a === b) : (2 * common) / size;
}

function linkOf(customer: Entry, person: Entry): Link {
  const ages = Math.abs(customer.age - person.age) <= 1 ? 1 : 0;
  const score =
    (similarity(customer.first, person.first) + similarity(customer.last, person.last) + ages) / 3;
  return { customer: customer.id, person: person.id, score };
}

/** Of equal scores the first person counts, so that the result does not depend on the order of pairs. */
function better(a: Link, b: Link): Link {
  if (a.score !== b.score) return a.score > b.score ? a : b;
  return a.person < b.person ? a : b;
}

await using _client = await connect({ processes: 2 });

const made = await people({ count: personCount, partitions: 8, seed: 2026 }).compute();
const all = made.map(entryOf);
const register = fromSequence(all, { partitions: 8 });
const customers = register.filter((entry) => entry.id % copiedEvery === 0).map(misspelt);

const pairs = customers.join(register, blockOf, blockOf).map(([a, b]) => linkOf(a, b));
const links = pairs
  .filter((link) => link.score >= scoreMin)
  .foldBy((link) => link.customer, better)
  .map(([, link]) => link);

const [found, compared, copies] = await compute(links, pairs.count(), customers.count());

const right = found.filter((link) => link.customer === link.person).length;
console.log(
  `${found.length} of ${copies} customers linked, ${right} of them rightly, by ${compared} comparisons in place of ${copies * personCount}`,
);

// All pairs, without a bag and without looking anything up.
const plain: Link[] = [];
for (const customer of all.filter((entry) => entry.id % copiedEvery === 0).map(misspelt)) {
  let best: Link | undefined;
  for (const person of all) {
    if (person.city !== customer.city || soundex(person.last) !== soundex(customer.last)) continue;
    const link = linkOf(customer, person);
    if (link.score >= scoreMin) best = best === undefined ? link : better(best, link);
  }
  if (best !== undefined) plain.push(best);
}
assert.deepEqual(
  found.toSorted((a, b) => a.customer - b.customer),
  plain,
);
assert.ok(right / found.length > 0.9, "most links lead to whom they were copied from");
console.log(`checked: ${found.length} links, the same as of a loop over all pairs`);
