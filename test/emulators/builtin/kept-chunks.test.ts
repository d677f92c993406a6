import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bag, fromSequence } from "../../../src/bag.ts";
import { connect } from "../../../src/index.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { startCounter } from "./observed.ts";
import { objectOf } from "./s3-objects.ts";

const program = path.join(import.meta.dirname, "../programs", "counted-persist.ts");

let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

function under(prefix: string): string[] {
  return cloud.bucket.keys().filter((key) => key.startsWith(prefix));
}

/** What the lifecycle rule does in the end. */
function expire(): void {
  for (const key of under("tmp/")) cloud.bucket.delete(key);
}

const cubes = fromSequence([1, 2, 3], { partitions: 3 }).map((n) => n ** 3);

describe("what is persisted on S3", () => {
  test("is kept by a copy per chunk and a listing, and goes from both places when it is released", async () => {
    await cloud.fresh();
    await using _client = await connect({ backend: cloud.backend(), progress: "none" });
    expect(await cubes.compute()).toEqual([1, 8, 27]);
    const { log } = cloud.aws;
    const aboutKept = (): string[] =>
      log.requests.filter(({ resource }) => resource.includes("/keep/")).map((r) => r.operation);
    expect(aboutKept()).toEqual([]);
    const kept = await cubes.persist();
    expect(aboutKept()).toEqual(["CopyObject", "CopyObject", "CopyObject"]);
    expect(under("keep/")).toEqual(under("tmp/").map((key) => key.replace("tmp", "keep")));
    kept.release();
    await expect.poll(() => [...under("keep/"), ...under("tmp/"), ...under("kept/")]).toEqual([]);
  });

  test("is made again and kept again if its only copy is damaged", async () => {
    await cloud.fresh();
    await using _client = await connect({ backend: cloud.backend(), progress: "none" });
    const kept = await cubes.persist();
    expire();
    const [first = ""] = under("keep/");
    const whole = Buffer.from(cloud.bucket.get(first).bytes);
    const bytes = Buffer.from(whole).fill(0xff, whole.length - 8);
    cloud.bucket.put(first, objectOf(bytes, new Map()), {});
    expect(await kept.compute()).toEqual([1, 8, 27]);
    await expect.poll(() => under("keep/")).toHaveLength(3);
    expect(cloud.bucket.get(first).bytes.equals(whole)).toBe(true);
    kept.release();
  });

  test("stays what it was when the same work gives something else once the scratch copy is gone", async () => {
    await cloud.fresh();
    const drawn = fromSequence([1, 2], { partitions: 2 }).map((n) =>
      Float64Array.from({ length: 10_000 }, () => n + Math.random()),
    );
    const firstsOf = (bag: Bag<Float64Array>): Promise<number[]> =>
      bag.map(([first = Number.NaN]) => first).compute();
    const backend = cloud.backend();
    const values = await (async () => {
      await using client = await connect({ backend, progress: "none" });
      await client.publish("drawn", drawn);
      return await firstsOf(await client.published("drawn"));
    })();
    expire();
    // Other workers, that have never seen it.
    await cloud.worker.endIdle();
    await using client = await connect({ backend: cloud.backend(), progress: "none" });
    const others = await drawn.compute();
    expect(others.map(([first]) => first)).not.toEqual(values);
    expect(under("tmp/")).toHaveLength(2);
    const found = await client.published<Bag<Float64Array>>("drawn");
    expect(await firstsOf(found)).toEqual(values);
    expect((await found.compute()).map(([first]) => first)).toEqual(values);
    await client.unpublish("drawn");
    expect([...under("keep/"), ...under("kept/"), ...under("published/")]).toEqual([]);
  });

  test("is whole when its program is killed between two copies and started again, and nothing is computed twice", async () => {
    await cloud.fresh();
    await using counter = await startCounter();
    using folder = temporaryFolder();
    const { deployment, aws } = cloud;
    const options = JSON.stringify({ endpoint: aws.endpoint, deployment, store: folder.path });
    const start = (): { readonly ended: Promise<string>; kill(): void } => {
      const child = spawn(process.execPath, [program, options, counter.url]);
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (piece) => (text += piece));
      const ended = once(child, "close").then(() => text);
      return { ended, kill: () => child.kill("SIGKILL") };
    };
    const first = start();
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    let copies = 0;
    aws.s3.faults = ({ operation }) => {
      if (operation !== "CopyObject") return undefined;
      copies += 1;
      if (copies <= 2) return undefined;
      first.kill();
      return { kind: "hold", until };
    };
    expect(await first.ended).not.toContain("sum");
    aws.s3.faults = () => undefined;
    expect(under("keep/").length).toBeLessThan(6);
    expect(await start().ended).toContain("sum 91\n");
    letGo();
    expect(under("keep/")).toEqual(under("tmp/").map((key) => key.replace("tmp", "keep")));
    expect(under("keep/")).toHaveLength(6);
    expect([...counter.counts.values()]).toEqual([1, 1, 1, 1, 1, 1]);
    expire();
    expect(await start().ended).toContain("sum 91\n");
    expect([...counter.counts.values()]).toEqual([1, 1, 1, 1, 1, 1]);
  });
});
