import { seededRandom } from "../../../src/base/seeded-random.ts";
import type { SeenRequest } from "./request-log.ts";

/** What goes wrong with one request. */
export type Fault =
  /** Answered with this status and code, and not carried out. */
  | { readonly kind: "refuse"; readonly status: number; readonly code: string }
  /** The connection ends, and nothing is carried out. */
  | { readonly kind: "reset" }
  /** Carried out, and the connection ends instead of the answer. */
  | { readonly kind: "lose-answer" }
  /** The connection ends after so many bytes of the answer's body. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** One byte of the answer's body is wrong. */
  | { readonly kind: "flip"; readonly at: number }
  /** Carried out after `until` has passed. */
  | { readonly kind: "hold"; readonly until: Promise<void> }
  /** The connection ends at once, and the request is carried out all the same when `until` has passed. */
  | { readonly kind: "late"; readonly until: Promise<void> }
  /** Carried out, and `act` is called before the answer. */
  | { readonly kind: "then"; readonly act: () => void };

/** Says what goes wrong with a request, if anything. */
export type FaultPlan = (request: SeenRequest) => Fault | undefined;

/** The refusal that asks for a slower pace. */
export const slowDown: Fault = { kind: "refuse", status: 503, code: "SlowDown" };

/** The given requests of an operation, counted from 1, go wrong. */
export function failNth(operation: string, nth: readonly number[], fault: Fault): FaultPlan {
  let seen = 0;
  return (request) => {
    if (request.operation !== operation) return undefined;
    seen += 1;
    return nth.includes(seen) ? fault : undefined;
  };
}

/** A share of all requests goes wrong, by a seed. */
export function failShare(share: number, seed: number, faults: readonly Fault[]): FaultPlan {
  const random = seededRandom(seed);
  return () => (random.next() < share ? faults[random.below(faults.length)] : undefined);
}

/** The first plan that has something for a request decides. */
export function anyOf(...plans: readonly FaultPlan[]): FaultPlan {
  return (request) => {
    for (const plan of plans) {
      const fault = plan(request);
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}
