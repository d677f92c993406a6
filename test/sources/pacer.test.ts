import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/base/seeded-random.ts";
import { Pacer, type Trouble } from "../../src/sources/pacer.ts";
import { errorOf } from "../contract/error-of.ts";
import { type VirtualClock, virtualClock } from "../local/virtual-clock.ts";

/** A service's refusal or failure, by what it stands for. */
class Refused extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble);
    this.trouble = trouble;
  }
}

function pacerOn(clock: VirtualClock, callsMax = 8): Pacer {
  return new Pacer({
    clock,
    random: () => 1,
    troubleOf: (error) => (error instanceof Refused ? error.trouble : "final"),
    callsMax,
  });
}

/** Lets everything happen that needs no time. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Lets `ms` pass in steps, and what comes of each step happen. */
async function pass(clock: VirtualClock, ms: number, stepMs = 100): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await settle();
    clock.pass(stepMs);
  }
  await settle();
}

/** A call that fails as listed, then is answered. */
function failing(...troubles: Trouble[]): { readonly call: () => Promise<string>; tries: number } {
  const made = {
    tries: 0,
    call: async () => {
      const trouble = troubles[made.tries];
      made.tries += 1;
      if (trouble !== undefined) throw new Refused(trouble);
      return "answer";
    },
  };
  return made;
}

describe("a pacer", () => {
  test("tries a throttled call until it passes, however often that is", async () => {
    const clock = virtualClock();
    const call = failing(...Array.from({ length: 40 }, (): Trouble => "throttle"));
    const answer = pacerOn(clock).run(call.call);
    await pass(clock, 40 * 5_000, 1000);
    expect(await answer).toBe("answer");
    expect(call.tries).toBe(41);
  });

  test("says after a quarter of an hour who may be to blame", async () => {
    const clock = virtualClock();
    const answer = errorOf(pacerOn(clock).run(() => Promise.reject(new Refused("throttle"))));
    await pass(clock, 16 * 60_000, 1000);
    const error = await answer;
    expect(error.code).toBe("STORE");
    expect(error.message).toContain("15 minutes");
  });

  test("tries six times what may pass, waiting longer each time, and throws it then", async () => {
    const clock = virtualClock();
    const call = failing(...Array.from({ length: 9 }, (): Trouble => "passing"));
    const answer = pacerOn(clock).run(call.call);
    answer.catch(() => {});
    // 100, 200, 400, 800 and 1600 ms: doubled from 50 by every failure.
    const tries: number[] = [];
    for (const ms of [0, 99, 1, 199, 1, 399, 1, 799, 1, 1599, 1]) {
      clock.pass(ms);
      await settle();
      tries.push(call.tries);
    }
    expect(tries).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]);
    await expect(answer).rejects.toThrow("passing");
  });

  test("throws at once what no try can change", async () => {
    const call = failing("final");
    await expect(pacerOn(virtualClock()).run(call.call)).rejects.toThrow("final");
    expect(call.tries).toBe(1);
  });

  test("counts no throttled try as a failed one", async () => {
    const clock = virtualClock();
    const mixed: Trouble[] = [];
    for (let i = 0; i < 5; i++) mixed.push("throttle", "throttle", "passing");
    const answer = pacerOn(clock).run(failing(...mixed).call);
    await pass(clock, 120_000);
    expect(await answer).toBe("answer");
  });

  test("has no more calls in flight than it may, and lets in the rest as they end", async () => {
    const pacer = pacerOn(virtualClock(), 3);
    let inFlight = 0;
    let most = 0;
    const ends: (() => void)[] = [];
    const answers = Array.from({ length: 10 }, () =>
      pacer.run(async () => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise<void>((resolve) => ends.push(resolve));
        inFlight -= 1;
      }),
    );
    while (ends.length < 10) {
      await settle();
      expect(inFlight).toBeLessThanOrEqual(3);
      ends.at(-1)?.();
    }
    for (const end of ends) end();
    await Promise.all(answers);
    expect(most).toBe(3);
  });

  test("halves its pace once per burst of refusals, and wins it back with answers", async () => {
    const clock = virtualClock();
    const pacer = pacerOn(clock, 64);
    const burst = Array.from({ length: 64 }, () => pacer.run(failing("throttle").call));
    await settle();
    expect(pacer.pace).toBe(32);
    await pass(clock, 500);
    await Promise.all(burst);
    const before = pacer.pace;
    // One more per round: 10 rounds of as many calls as are allowed.
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: pacer.pace }, () => pacer.run(failing().call)));
    }
    expect(pacer.pace).toBeGreaterThanOrEqual(before + 9);
    expect(pacer.pace).toBeLessThanOrEqual(before + 11);
  });

  test("finds the pace of a service that takes 10 calls at once", async () => {
    const clock = virtualClock();
    const pacer = pacerOn(clock, 64);
    const random = seededRandom(5);
    let inFlight = 0;
    let refused = 0;
    const call = async (): Promise<void> => {
      inFlight += 1;
      await new Promise<void>((resolve) => clock.after(10 + random.below(10), resolve));
      const isTooMany = inFlight > 10;
      inFlight -= 1;
      if (!isTooMany) return;
      refused += 1;
      throw new Refused("throttle");
    };
    let done = 0;
    const answers = Array.from({ length: 3000 }, () =>
      pacer.run(call).then(() => {
        done += 1;
      }),
    );
    for (let ms = 0; done < 3000 && ms < 600_000; ms += 5) {
      clock.pass(5);
      await settle();
    }
    await Promise.all(answers);
    // It goes on asking for more and is refused now and then, but most calls pass at the first try.
    expect(refused).toBeLessThan(1500);
    expect(pacer.pace).toBeLessThan(24);
  });

  test("leaves at a signal, waiting for its turn or for the next try", async () => {
    const pacer = pacerOn(virtualClock(), 1);
    const stop = new AbortController();
    const stuck = pacer.run(() => new Promise(() => {}));
    const queued = pacer.run(failing().call, stop.signal);
    const other = pacerOn(virtualClock());
    const pausing = other.run(failing("throttle").call, stop.signal);
    queued.catch(() => {});
    pausing.catch(() => {});
    await settle();
    stop.abort(new Error("enough"));
    await expect(queued).rejects.toThrow("enough");
    await expect(pausing).rejects.toThrow("enough");
    await expect(pacer.run(failing().call, stop.signal)).rejects.toThrow("enough");
    expect(stuck).toBeInstanceOf(Promise);
  });
});
