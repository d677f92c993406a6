import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { buildWorker } from "../scripts/build-worker.ts";
import type { Benchmark } from "./benchmark.ts";

const repetitions = 15;
const zippedBytesMax = 1e6;

/** From the start of a plain Node process until the worker's handler could be called. */
export const bundleCold: Benchmark = {
  name: "bundle-cold",
  describe:
    "start of a Node process until the worker bundle's handler is there, Node's own start included; the fastest of 15, since other load only adds",
  unit: "ms",
  atMost: 250,
  async run() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lambdask-bench-"));
    try {
      const { zippedBytes } = await buildWorker(path.join(folder, "worker"));
      console.log(`${zippedBytes} bytes zipped, at most ${zippedBytesMax}`);
      if (zippedBytes > zippedBytesMax) throw new Error("the bundle is too large");
      const handler = JSON.stringify(path.join(folder, "worker", "handler.mjs"));
      const program = `const { handler } = await import(${handler}); console.log(performance.now()); process.exit(typeof handler === "function" ? 0 : 1);`;
      const env = {
        AWS_REGION: "us-east-1",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
        LAMBDASK_BUCKET: "b",
      };
      const took = Array.from({ length: repetitions }, () =>
        Number(
          execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
            encoding: "utf8",
            env,
          }),
        ),
      );
      return Math.min(...took);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  },
};
