import { capture } from "../src/code/capture.ts";
import { createLinker } from "../src/code/link.ts";
import type { Benchmark } from "./benchmark.ts";

const functions = 300;

/** What each further function costs a worker. */
export const link: Benchmark = {
  name: "link",
  describe: "linking 300 functions of different text, one after the other, the first one apart",
  unit: "ms",
  atMost: 1,
  async run() {
    const linker = createLinker({ readBlob: () => Promise.reject(new Error("no blobs here")) });
    // Functions of different text, as a program has them.
    const shipped = Array.from({ length: functions + 1 }, (_, k) =>
      capture(new Function("x", `return x + ${k}`)),
    );
    const [first, ...others] = shipped;
    if (first) await linker.link(first);
    const start = performance.now();
    for (const one of others) await linker.link(one);
    const took = (performance.now() - start) / functions;
    const last = others.at(-1);
    const result: unknown = last && (await linker.link(last))(1);
    if (result !== functions + 1) throw new Error(`wrong result ${String(result)}`);
    return took;
  },
};
