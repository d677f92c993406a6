import { LambdaskError, shortly } from "../../base/errors.ts";
import { type Batches, batchRecords, inBatches } from "../../chunk/batches.ts";
import { isThenable } from "./bag-apply.ts";

/** The records of a part for a user's function: read once, record by record, batch by batch, or all at once. */
export class PartitionRecords implements AsyncIterable<unknown> {
  readonly #batches: Batches;
  #isRead = false;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  batches(): AsyncIterable<readonly unknown[]> {
    return { [Symbol.asyncIterator]: () => this.#once()[Symbol.asyncIterator]() };
  }

  async toArray(): Promise<unknown[]> {
    return this.#once().toArray();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for await (const batch of this.#once()) yield* batch;
  }

  /** A second reading would find nothing, and the result would be wrong without a word. */
  #once(): Batches {
    if (this.#isRead) {
      throw new LambdaskError("BAD_ARGUMENT", {
        message:
          "the records of a partition are read a second time, but they can be read only once",
        fix: "read them in one loop, or keep what records.toArray() gives",
      });
    }
    this.#isRead = true;
    return this.#batches;
  }
}

interface MadeAt {
  readonly where: string;
  readonly partition: number;
}

/** What a user's function made, in batches: it may give a list, any other iterable, or one that is asynchronous. */
export async function* madeRecords(
  make: () => unknown,
  at: MadeAt,
): AsyncGenerator<readonly unknown[]> {
  const given = make();
  const made: unknown = isThenable(given) ? await given : given;
  if (typeof made !== "object" || made === null) throw notIterable(made, at);
  if (Symbol.asyncIterator in made) yield* asTheyCome(made as AsyncIterable<unknown>);
  else if (Symbol.iterator in made) yield* inBatches(made as Iterable<unknown>);
  else throw notIterable(made, at);
}

async function* asTheyCome(records: AsyncIterable<unknown>): AsyncGenerator<readonly unknown[]> {
  let batch: unknown[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < batchRecords) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function notIterable(made: unknown, { where, partition }: MadeAt): LambdaskError {
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: partition ${partition}: expected a list or another iterable of records from the function, got ${shortly(made)}`,
    fix: "return a list, also of one record, or make the function a generator",
    data: { where, partition },
  });
}
