import { fakePool, invocation, never } from "./fake-pool.ts";

/** A client whose only worker does what the first argument says; it runs until that is answered. */
const used = fakePool(1);
const outcome = await used.pool.invoke(invocation(["pid"]), never);
console.log(
  Buffer.from(
    outcome.results.flatMap((result) =>
      "output" in result ? [...(result.output.inline ?? [])] : [],
    ),
  ).toString(),
);
if (process.argv[2] !== undefined) await used.pool.invoke(invocation([process.argv[2]]), never);
used.pool.hold(false);
