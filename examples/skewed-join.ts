/**
 * A join with a skewed key over four times the memory of all workers together: half of 1.5 GB of events belong to one
 * account. The accounts are too many to give every task all of them, so both sides are exchanged by key; the heavy key
 * makes one part 800 MB large, which streams past its few accounts. The result is checked against a plain loop.
 */
import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { fromSequence } from "../src/bag.ts";
import { connect } from "../src/index.ts";

const workers = 2;
const workerBytes = 192 * 2 ** 20;
const dataBytes = 4 * workers * workerBytes;

const eventChars = 1024;
const eventCount = Math.ceil(dataBytes / eventChars);
const eventParts = 192;
const accountCount = 240_000;
const accountParts = 8;
const regions = 7;

interface Event {
  readonly account: number;
  readonly amount: number;
  readonly note: string;
}

interface Account {
  readonly id: number;
  readonly region: string;
  readonly address: string;
}

/** Every other event is of account 0; the others are spread over all. */
function accountOf(event: number): number {
  return event % 2 === 0 ? 0 : (event * 7919) % accountCount;
}

function amountOf(event: number): number {
  return event % 1000;
}

function regionOf(account: number): string {
  return `region ${account % regions}`;
}

/** Text that no compression makes smaller, the same for the same number. */
function randomText(number: number, chars: number): string {
  const nonce = Buffer.alloc(16);
  nonce.writeUInt32LE(number, 0);
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), nonce);
  return cipher.update(Buffer.alloc((chars * 3) / 4)).toString("base64");
}

function slice(part: number, parts: number, count: number): { start: number; end: number } {
  return {
    start: Math.floor((part * count) / parts),
    end: Math.floor(((part + 1) * count) / parts),
  };
}

function eventsOf(part: number): Event[] {
  const { start, end } = slice(part, eventParts, eventCount);
  return Array.from({ length: end - start }, (_, i) => ({
    account: accountOf(start + i),
    amount: amountOf(start + i),
    note: randomText(start + i, eventChars),
  }));
}

function accountsOf(part: number): Account[] {
  const { start, end } = slice(part, accountParts, accountCount);
  return Array.from({ length: end - start }, (_, i) => ({
    id: start + i,
    region: regionOf(start + i),
    address: randomText(start + i, 200),
  }));
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

const startMs = performance.now();
await using _client = await connect({ processes: workers, memory: workers * workerBytes });

const events = fromSequence(range(eventParts), { partitions: eventParts }).map(eventsOf).flatten();
const accounts = fromSequence(range(accountParts), { partitions: accountParts })
  .map(accountsOf)
  .flatten();

const sums = await events
  .join(
    accounts,
    (event) => event.account,
    (account) => account.id,
    { partitions: 24 },
  )
  .foldBy(
    ([, account]) => account.region,
    (total, [event]) => ({
      events: total.events + 1,
      amount: total.amount + event.amount,
      chars: total.chars + event.note.length,
    }),
    {
      initial: { events: 0, amount: 0, chars: 0 },
      combine: (a, b) => ({
        events: a.events + b.events,
        amount: a.amount + b.amount,
        chars: a.chars + b.chars,
      }),
    },
  )
  .compute();

const expected = new Map<string, { events: number; amount: number; chars: number }>();
for (let event = 0; event < eventCount; event++) {
  const region = regionOf(accountOf(event));
  const total = expected.get(region) ?? { events: 0, amount: 0, chars: 0 };
  total.events += 1;
  total.amount += amountOf(event);
  total.chars += eventChars;
  expected.set(region, total);
}
console.table(sums.toSorted().map(([region, total]) => ({ region, ...total })));
assert.deepEqual(new Map(sums), expected);
const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
console.log(
  `checked: ${eventCount} events of ${dataBytes / 2 ** 20} MiB joined by ${workers} workers of ${workerBytes / 2 ** 20} MiB in ${seconds} s`,
);
