import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromSequence } from "../../../src/bag.ts";
import { connect, delayed } from "../../../src/index.ts";
import { temporaryFolder } from "../../contract/temporary-folder.ts";
import { type BuiltinCloud, builtinCloud } from "../builtin-cloud.ts";
import { covers, forbidden, granted, needsOf } from "./policies.ts";
import { objectOf } from "./s3-objects.ts";

let cloud: BuiltinCloud;
beforeAll(async () => {
  cloud = await builtinCloud();
});
afterAll(() => cloud[Symbol.asyncDispose]());

/** Granted, and not used by what follows: who uses it. */
const usedElsewhere: readonly [RegExp, string][] = [
  [/^client: cloudformation:DescribeStacks/, "every test that opens a stack by its name"],
  [/^client: (s3:GetLifecycle|lambda:Get)/, "`lambdask doctor`"],
  [/ \S+\/inputs\/\*$/, "uploaded `file:` inputs"],
  [
    /^client: s3:AbortMultipartUpload/,
    "captured data of more than 64 MiB, when its upload is cut off",
  ],
  [/^worker: s3:AbortMultipartUpload/, "an output of more than 8 MiB whose task fails half-way"],
  [/^worker: s3:ListBucket/, "reads of what is missing: without it they are forbidden"],
  [/^worker: logs:/, "Lambda itself"],
  [/^client: s3:DeleteObject \S+\/(bad|kept|locks)\/\*$/, "`lambdask gc` and `lambdask destroy`"],
  [
    /^client: s3:GetObject \S+\/(blob|bad|kept)\/\*$/,
    "`lambdask gc` and whoever looks into a damaged chunk",
  ],
];

describe("the policies of a stack", () => {
  test("allow all that work of every kind does, and nothing that nobody uses", async () => {
    const large = "x".repeat(200_000);
    const repeat = delayed((n: number) => large.repeat(n));
    const length = delayed((texts: readonly string[]) => texts.join("").length);
    // Another client's record, which whoever pins names reads.
    await using _other = await connect({ backend: cloud.backend(), progress: "none" });
    using _held = await fromSequence(["held"]).persist();
    const client = await connect({ backend: cloud.backend(), progress: "none" });
    // Captured data as a blob, outputs in one piece and in parts, inputs read from the store.
    expect(await length([1, 2, 60].map((n) => repeat(n))).compute()).toBe(63 * large.length);
    expect(await repeat(2).compute()).toHaveLength(2 * large.length);
    // Results that ride in replies, but not all of them in one message.
    const small = delayed((n: number) => String(n).padEnd(30_000, "."));
    const many = Array.from({ length: 160 }, (_, n) => small(n));
    expect(await length(many).compute()).toBe(160 * 30_000);
    const words = fromSequence(["a", "b", "a"], { partitions: 2 }).map((word) => word.repeat(9));
    const kept = await words.persist();
    expect(
      await kept
        .groupBy((word) => word.length, { partitions: 2 })
        .count()
        .compute(),
    ).toBe(1);
    using folder = temporaryFolder();
    expect(await words.writeText(path.join(folder.path, "*.txt"))).toHaveLength(2);
    await client.publish("words", words);
    expect(await (await client.published<typeof words>("words")).count().compute()).toBe(3);
    await client.unpublish("words");
    await (await client.lock("one").acquire()).release();
    const shared = client.variable<number>("n");
    await shared.set(1);
    await shared.delete();
    const long = await repeat(3).persist();
    damageAll();
    // New workers have nothing of it in memory.
    await cloud.worker.endIdle();
    expect(await length([long]).compute()).toBe(3 * large.length);
    await client.close();

    const used = needsOf(cloud.aws.log.requests, cloud.deployment);
    const unused = Object.entries(granted(cloud.deployment)).flatMap(([party, permissions]) =>
      permissions.flatMap((permission) =>
        permission.actions.flatMap((action) =>
          permission.resources.flatMap((resource) => {
            const one = { ...permission, actions: [action], resources: [resource] };
            const isUsed = used.some((need) => need.party === party && covers(one, need));
            return isUsed ? [] : [`${party}: ${action} ${resource}`];
          }),
        ),
      ),
    );
    const unknown = unused.filter((line) => !usedElsewhere.some(([pattern]) => pattern.test(line)));
    expect(unknown).toEqual([]);
    expect(forbidden(cloud.aws.log.requests, cloud.deployment)).toEqual([]);
  });

  test("are held against what was done: a request that they do not allow is found", () => {
    const bucket = `arn:aws:s3:::${cloud.deployment.bucketName}`;
    const request = { caller: "worker", service: "s3", operation: "DeleteObject", status: 204 };
    const [one, other] = [`${bucket}/tmp/aa/name/0/1`, `${bucket}/runs/one/record`];
    const wrong = forbidden(
      [
        { ...request, resource: one },
        { ...request, operation: "GetObject", resource: other },
        {
          ...request,
          caller: "client",
          operation: "DeleteObjects",
          resource: bucket,
          named: [one],
        },
        { ...request, operation: "PutObject", resource: "arn:aws:s3:::another/key" },
      ],
      cloud.deployment,
    );
    expect(wrong).toEqual([`worker: s3:DeleteObject ${one}`, `worker: s3:GetObject ${other}`]);
  });
});

/** Damages all stored chunks, as a disk or a stranger would. */
function damageAll(): void {
  const { bucket } = cloud;
  for (const key of bucket.keys().filter((each) => each.startsWith("tmp/"))) {
    const bytes = Buffer.from(bucket.get(key).bytes);
    bytes.fill(0xff, bytes.length - 8);
    bucket.put(key, objectOf(bytes, new Map()), {});
  }
}
