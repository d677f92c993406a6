import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Backend } from "../../../src/backend/backend.ts";
import type { Failure } from "../../../src/backend/failure.ts";
import type { InvocationOutcome } from "../../../src/backend/task.ts";
import { withInvoke } from "../../../src/backend/with-invoke.ts";

/** A backend whose invocations are watched. */
export interface ObservedBackend {
  readonly backend: Backend;
  readonly outcomes: InvocationOutcome[];
  /** In flight when each invocation was sent, itself included. */
  readonly inFlight: number[];
}

/** Notes every invocation of `backend` and what came of it. */
export function observed(backend: Backend): ObservedBackend {
  const outcomes: InvocationOutcome[] = [];
  const inFlight: number[] = [];
  let now = 0;
  const { invoker } = backend;
  return {
    outcomes,
    inFlight,
    backend: {
      ...backend,
      invoker: withInvoke(invoker, async (invocation, signal) => {
        now += 1;
        inFlight.push(now);
        const outcome = await invoker.invoke(invocation, signal);
        now -= 1;
        outcomes.push(outcome);
        return outcome;
      }),
    },
  };
}

/** Kinds of all failures, of invocations and of single tasks, each once. */
export function failureKinds(outcomes: readonly InvocationOutcome[]): Failure["kind"][] {
  const kinds = outcomes.flatMap((outcome) => [
    ...(outcome.kind === "lost" ? [outcome.failure.kind] : []),
    ...outcome.results.flatMap((result) =>
      result.status === "failed" ? [result.failure.kind] : [],
    ),
  ]);
  return [...new Set(kinds)].sort();
}

/** Counts visits: functions on workers say by it that they ran, wherever they run. */
export interface Counter extends AsyncDisposable {
  /** A URL; whoever fetches `${url}${name}` adds one to `name`. */
  readonly url: string;
  readonly counts: ReadonlyMap<string, number>;
}

/** Starts a counter on this machine's own address. */
export async function startCounter(): Promise<Counter> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const name = (request.url ?? "").slice(1);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    counts,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
