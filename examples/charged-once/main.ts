/**
 * A pipeline with an effect outside: invoices are summed up per customer, every customer is charged by a payment service,
 * and the receipts are written to files. Tasks fail after they have charged, and a worker dies there; so charges are asked for
 * more than once. Each carries the task's idempotency key, and so the service charges once. The ledger is checked against a plain
 * sum, and the files against the ledger.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fromSequence } from "../../src/bag.ts";
import { compute, connect, currentTask, delayed } from "../../src/index.ts";
import { startLedger } from "./ledger.ts";

interface Invoice {
  readonly customer: string;
  readonly cents: number;
}

const customerCount = 40;
const invoices: Invoice[] = Array.from({ length: 4000 }, (_, i) => ({
  customer: `customer ${(i * 17) % customerCount}`,
  cents: 100 + ((i * 7919) % 9900),
}));

await using ledger = await startLedger();
await using _client = await connect({ processes: 2 });
const { url } = ledger;

const charge = delayed(
  async (customer: string, cents: number): Promise<string> => {
    const task = currentTask();
    if (task === undefined) throw new Error("this is charged in tasks only");
    const answer = await fetch(url, {
      method: "POST",
      headers: { "idempotency-key": task.idempotencyKey },
      body: JSON.stringify({ customer, cents }),
    });
    const receipt = await answer.text();
    // What goes wrong after the effect: an answer that gets lost, and a worker that dies.
    const number = Number(customer.split(" ")[1]);
    if (task.attempt === 1 && number % 5 === 0) throw new Error("the answer was lost");
    if (task.attempt === 1 && number === 7) process.kill(process.pid, "SIGKILL");
    return `${customer}: ${cents} cents, ${receipt}`;
  },
  { pure: false, retries: 2 },
);

const totals = await fromSequence(invoices, { partitions: 8 })
  .foldBy(
    (invoice) => invoice.customer,
    (sum, { cents }) => sum + cents,
    { initial: 0, combine: (a, b) => a + b },
  )
  .compute();
const [receipts] = await compute(totals.map(([customer, cents]) => charge(customer, cents)));
const folder = mkdtempSync(path.join(tmpdir(), "receipts-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const files = await fromSequence(receipts, { partitions: 4 }).writeText(
  path.join(folder, "part-*.txt"),
);

const { charges, requests } = ledger;
console.log(
  `${charges.size} charges by ${requests.count} requests, receipts in ${files.length} files`,
);

const expected = new Map<string, number>();
for (const { customer, cents } of invoices) {
  expected.set(customer, (expected.get(customer) ?? 0) + cents);
}
const charged = [...charges.values()].map(({ customer, cents }) => [customer, cents] as const);
assert.equal(charged.length, customerCount);
assert.deepEqual(new Map(charged), expected);
assert.ok(requests.count > charges.size, "some charges were asked for twice");
const written = files.flatMap((file) => readFileSync(file, "utf8").trimEnd().split("\n"));
assert.deepEqual(
  written.toSorted(),
  [...charges]
    .map(([key, { customer, cents }]) => `${customer}: ${cents} cents, receipt ${key.slice(0, 8)}`)
    .toSorted(),
);
console.log(`checked: ${charges.size} customers charged once each, in ${requests.count} requests`);
