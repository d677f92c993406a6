import { makeRunId } from "../../../src/base/ids.ts";
import type { CheckedPlan } from "../../../src/plan/fragment.ts";
import { createDriver } from "../../../src/schedule/drive.ts";
import type {
  Driver,
  DriverOptions,
  FinishedChunk,
  Job,
  JobHandle,
} from "../../../src/schedule/driver.ts";
import { type Answer, numberOf } from "./number-backend.ts";

/** A driver that checks its invariants at every step. */
export function checkedDriver(
  backend: DriverOptions["backend"],
  more: Partial<DriverOptions> = {},
): Driver {
  return createDriver({
    backend,
    readSummary: () => Promise.resolve(undefined),
    checkInvariants: true,
    ...more,
  });
}

/** A job with nothing special. */
export function jobOf(plan: CheckedPlan, more: Partial<Job> = {}): Job {
  return {
    run: makeRunId("test"),
    name: "test",
    plan,
    lookForChunks: false,
    journal: false,
    keep: "none",
    onError: "fail",
    ...more,
  };
}

/** The numbers in chunks that came with their bytes. */
export function numbersOf(chunks: readonly FinishedChunk[]): number[] {
  return chunks.map(({ ref }) => ("inline" in ref ? numberOf(ref.inline) : Number.NaN));
}

/** The numbers of a target that must be done. */
export async function doneNumbers(handle: JobHandle, target = 0): Promise<number[]> {
  const outcome = (await handle.outcomes)[target];
  if (outcome?.kind !== "done") throw new Error(`target ended as ${JSON.stringify(outcome)}`);
  return numbersOf(outcome.chunks);
}

/** Sum of numbers. */
export function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

/** Tasks without inputs give the square of their index, all others the sum of what they read. */
export const squaresAndSums: Answer = (task, inputs) =>
  inputs.length === 0 ? task.index ** 2 : sum(inputs.flat());
