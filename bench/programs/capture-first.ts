// Prints how many milliseconds the first capture of this process took.
import path from "node:path";
import { capture } from "../../src/code/capture.ts";

const limits = { low: 1, high: 9 };
const isWithin = (x: number): boolean => x >= limits.low && x <= limits.high;
const task = (file: string, x: number): string => path.join(file, String(isWithin(x)));

const start = performance.now();
const shipped = capture(task);
const took = performance.now() - start;
if (shipped.name !== "task") throw new Error("another function was captured");
console.log(took);
