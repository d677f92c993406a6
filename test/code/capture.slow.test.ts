import v8 from "node:v8";
import vm from "node:vm";
import { expect, test } from "vitest";
import { capture } from "../../src/code/capture.ts";

test("25,000 captures leave the heap as it was", () => {
  v8.setFlagsFromString("--expose-gc");
  const collectGarbage = vm.runInNewContext("gc") as () => void;
  const heapAfter = (captures: number): number => {
    for (let i = 0; i < captures; i++) capture((x: number) => x + i);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = heapAfter(2000);
  // Unless what the inspector holds is released, each capture keeps about 2 kB: 50 MB.
  expect(heapAfter(25_000) - before).toBeLessThan(5_000_000);
});
