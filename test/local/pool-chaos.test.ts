import { describe, expect, test } from "vitest";
import { type Random, seededRandom } from "../../src/base/seeded-random.ts";
import { answers, fakePool, invocation, never } from "./fake-pool.ts";

const seed = Date.now() % 1_000_000;
const rounds = 60;

/** One invocation with a random fate; resolves to what was asked and what became of it. */
async function oneRound(
  pool: ReturnType<typeof fakePool>["pool"],
  random: Random,
): Promise<{ readonly asked: string[]; readonly got: string[]; readonly kind: string }> {
  const name = String(random.below(1e9));
  const fates = ["echo x", "echo y", "kill", "exit 0", "ignore-abort", "print x", "throw-later"];
  const fate = fates[random.below(fates.length)] ?? "";
  const asked = [`echo ${name}`, fate, "echo last"];
  const cancel = new AbortController();
  const program = { id: invocation([]).program.id, steps: [], functions: [] };
  const running = pool.invoke(invocation(asked, { program }), cancel.signal);
  if (fate === "ignore-abort" || random.below(4) === 0) {
    for (let turns = random.below(50); turns > 0; turns--) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    cancel.abort();
  }
  const outcome = await running;
  return { asked: [name, fate, "last"], got: answers(outcome), kind: outcome.kind };
}

describe("a pool in chaos", () => {
  test(`answers every invocation with its own results, or says it is lost (seed ${seed})`, async () => {
    const random = seededRandom(seed);
    await using used = fakePool(4);
    const lane = async (lane: number): Promise<void> => {
      const own = random.split(lane);
      for (let i = 0; i < rounds / 4; i++) {
        const { asked, got, kind } = await oneRound(used.pool, own);
        if (kind === "answered") expect(got).toHaveLength(3);
        if (got.length > 0) expect(got[0]).toBe(asked[0]);
        if (own.below(5) === 0) used.pool.scale(4 + own.below(3));
      }
    };
    await Promise.all([0, 1, 2, 3].map(lane));
    used.pool.scale(1);
    const last = await used.pool.invoke(invocation(["echo z"]), never);
    expect(answers(last)).toEqual(["z"]);
  });
});
