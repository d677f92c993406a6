import { describe, expect, test } from "vitest";
import type { InvocationOutcome } from "../../src/backend/task.ts";
import { makeStageId } from "../../src/base/ids.ts";
import type { InputMapping } from "../../src/plan/mapping.ts";
import { createDriver } from "../../src/schedule/drive.ts";
import type { Driver, JobHandle } from "../../src/schedule/driver.ts";
import { heldOf } from "../support/collect-garbage.ts";
import { workOf } from "../support/work.ts";
import { doneWith, failedWith, numberBackend } from "./support/number-backend.ts";
import { doneNumbers, jobOf, sum } from "./support/numbers.ts";
import { planOf, stageOf } from "./support/stages.ts";

/** One chunk of a stage. */
interface Place {
  readonly stage: number;
  readonly index?: number;
}

interface Submitted extends Place {
  readonly handle: JobHandle;
}

const failure = {
  kind: "user",
  error: { name: "Error", message: "no", stack: "", fields: {} },
} as const;

/** Submits futures as a client does: a job with a stage for each, which reads stages of earlier ones. */
class Futures {
  readonly driver: Driver;
  readonly stages: WeakRef<object>[] = [];
  /** Stages that answer when they are let to. */
  readonly #held = new Map<string, (() => void)[]>();
  readonly #failing = new Set<string>();
  #next = 1;

  /** A task gives one more than the sum of what it reads. */
  constructor(storing = false) {
    const backend = numberBackend(
      (task, inputs, { stage }) => {
        if (this.#failing.has(stage.label)) return failedWith(task, failure);
        const done = doneWith(task, 1 + sum(inputs.flat()));
        if (!storing || done.status !== "done") return done;
        return { ...done, output: { bytes: 8, rows: 1, checksum: 0 } };
      },
      {
        onInvoke: ({ stage: { label }, tasks }) => {
          const held = this.#held.get(label);
          if (held === undefined) return undefined;
          return new Promise<InvocationOutcome>((resolve) => {
            const results = tasks.map((task) => doneWith(task, 1));
            held.push(() => resolve({ kind: "answered", worker: 0, results }));
          });
        },
      },
    );
    this.driver = createDriver({ backend, readSummary: () => Promise.resolve(undefined) });
  }

  submit(reads: readonly Place[], { count = 1, fails = false, held = false } = {}): Submitted {
    const id = this.#next++;
    const slots = reads.map(({ stage, index = 0 }): [number, InputMapping] => {
      const targets = Uint32Array.of(index);
      return [stage, { kind: "csr", offsets: Uint32Array.of(0, 1), targets }];
    });
    const stage = stageOf({ id, count, kind: "graph", reads: slots });
    if (fails) this.#failing.add(stage.label);
    if (held) this.#held.set(stage.label, []);
    this.stages.push(new WeakRef(stage));
    const handle = this.driver.submit(
      jobOf(planOf([stage], [[id]]), { ownNames: true, onError: "continue" }),
    );
    return { stage: id, handle };
  }

  letGo({ stage }: Place): void {
    const label = `stage-${stage}`;
    const answers = this.#held.get(label) ?? [];
    this.#held.delete(label);
    for (const answer of answers) answer();
  }

  /** Stages that the machine has. */
  get live(): number {
    return this.stages.filter((_, i) => this.driver.stage(makeStageId(i + 1)) !== undefined).length;
  }
}

type Program = (futures: Futures, count: number) => Promise<void>;

const programs: Readonly<Record<string, Program>> = {
  "a chain that nobody waits for": async (futures, count) => {
    let last = futures.submit([]);
    for (let i = 1; i < count; i++) last = futures.submit([last]);
    expect(await doneNumbers(last.handle)).toEqual([count]);
  },
  "a chain of which all but the last is released while the first still runs": async (
    futures,
    count,
  ) => {
    const first = futures.submit([], { held: true });
    const all = [first];
    for (let i = 1; i < count; i++) all.push(futures.submit([all[i - 1] ?? first]));
    const last = all.pop() ?? first;
    for (const { handle } of all) handle.release();
    futures.letGo(first);
    expect(await doneNumbers(last.handle)).toEqual([count]);
    last.handle.release();
    expect(futures.live).toBe(0);
  },
  "a chain that is cancelled from its end while the first still runs": async (futures, count) => {
    const first = futures.submit([], { held: true });
    const all = [first];
    for (let i = 1; i < count; i++) all.push(futures.submit([all[i - 1] ?? first]));
    for (const { handle } of all.reverse()) {
      handle.cancel();
      expect((await handle.outcomes).map(({ kind }) => kind)).toEqual(["cancelled"]);
    }
    futures.letGo(first);
  },
  "a chain whose first call fails": async (futures, count) => {
    let last = futures.submit([], { fails: true });
    for (let i = 1; i < count; i++) last = futures.submit([last]);
    expect((await last.handle.outcomes).map(({ kind }) => kind)).toEqual(["failed"]);
  },
  "many calls on one future": async (futures, count) => {
    const shared = futures.submit([], { held: true });
    const all = Array.from({ length: count }, () => futures.submit([shared]));
    futures.letGo(shared);
    for (const { handle } of all) expect(await doneNumbers(handle)).toEqual([2]);
  },
  "many calls on one released future, cancelled one by one": async (futures, count) => {
    const shared = futures.submit([], { held: true });
    const all = Array.from({ length: count }, () => futures.submit([shared]));
    shared.handle.release();
    for (const { handle } of all) {
      handle.cancelIndex(0, 0);
      await handle.outcomes;
    }
    futures.letGo(shared);
  },
  "many failing calls on one future": async (futures, count) => {
    const shared = futures.submit([]);
    const all = Array.from({ length: count }, () => futures.submit([shared], { fails: true }));
    for (const { handle } of all) {
      expect((await handle.outcomes).map(({ kind }) => kind)).toEqual(["failed"]);
      handle.release();
    }
  },
  "one call on each future of a map": async (futures, count) => {
    const map = futures.submit([], { count, held: true });
    const all = Array.from({ length: count }, (_, index) =>
      futures.submit([{ stage: map.stage, index }]),
    );
    futures.letGo(map);
    for (const { handle } of all) expect(await doneNumbers(handle)).toEqual([2]);
    for (const { handle } of all) handle.release();
  },
  diamonds: async (futures, count) => {
    let last = futures.submit([]);
    let value = 1;
    for (let i = 0; i < count; i++) {
      last = futures.submit([futures.submit([last]), futures.submit([last])]);
      // Doubled with each diamond; numbers beyond 2^53 are as good as any here.
      value = 2 * (value + 1) + 1;
    }
    expect(await doneNumbers(last.handle)).toEqual([value]);
  },
  "calls that are made, waited for and released one after another": async (futures, count) => {
    const shared = futures.submit([]);
    for (let i = 0; i < count; i++) {
      const { handle } = futures.submit([shared]);
      expect(await doneNumbers(handle)).toEqual([2]);
      handle.release();
    }
    expect(futures.live).toBe(1);
  },
};

describe("ten times as many futures are ten times the work", () => {
  test.for(Object.entries(programs))("%s", async ([, program]) => {
    const work = async (count: number): Promise<number> => {
      const futures = new Futures();
      const done = await workOf(["schedule", "plan"], () => program(futures, count));
      await futures.driver.close();
      return done;
    };
    const little = await work(40);
    expect((await work(400)) / little).toBeLessThan(11);
  });
});

/** Each future is made from the one before, which is then released; gives the last one. */
async function loop(futures: Futures, count: number): Promise<Submitted> {
  let last = futures.submit([]);
  for (let i = 1; i < count; i++) {
    const next = futures.submit([last]);
    await next.handle.outcomes;
    last.handle.release();
    last = next;
  }
  return last;
}

async function callAndRelease(futures: Futures, shared: Place, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { handle } = futures.submit([shared]);
    await handle.outcomes;
    handle.release();
  }
}

describe("what is released leaves nothing behind", () => {
  test.each([0, 3])("of calls that read one future, with %i others held", async (others) => {
    const futures = new Futures();
    const shared = futures.submit([]);
    for (let i = 0; i < others; i++) futures.submit([shared]);
    await callAndRelease(futures, shared, 20);
    expect(futures.live).toBe(1 + others);
    expect(await heldOf(futures.stages)).toBe(1 + others);
  });

  test("of a loop that makes each future from the one before", async () => {
    const futures = new Futures();
    const last = await loop(futures, 20);
    // The last and what it has read.
    expect(futures.live).toBe(2);
    expect(await heldOf(futures.stages)).toBe(2);
    last.handle.release();
    expect(futures.live).toBe(0);
  });

  test("but what a stored result was made of, in case it gets lost", async () => {
    const futures = new Futures(true);
    const last = await loop(futures, 5);
    expect(futures.live).toBe(5);
    last.handle.release();
    expect(futures.live).toBe(0);
  });
});
