import { fakePool, invocation } from "./fake-pool.ts";

/** A client that lets its workers go while one is still busy, cancels that invocation and waits for it. */
const used = fakePool(1, { graceMs: 100 });
const cancel = new AbortController();
const running = used.pool.invoke(invocation(["ignore-abort"]), cancel.signal);
used.pool.hold(false);
cancel.abort();
console.log((await running).kind);
await used.pool.close();
console.log("closed");
