import { differenceInDays } from "date-fns";
import { groupBy } from "lodash-es";
import { describe, expect, test } from "vitest";
import { connect, delayed } from "../../src/index.ts";
import { builtinCloud } from "./builtin-cloud.ts";
import { initials } from "./programs/initials.ts";

describe("what functions import", () => {
  test("reaches workers that have no packages and none of the user's files", async () => {
    await using cloud = await builtinCloud();
    await using _ = await connect({ backend: cloud.backend() });
    const days = delayed((from: string, to: string) => differenceInDays(to, from));
    const byInitial = delayed((names: string[]) => groupBy(names, (name) => initials(name)));
    expect(await days("2024-02-01", "2024-03-01").compute()).toBe(29);
    expect(await byInitial(["Ada Lovelace", "Alan Turing", "Anita Borg"]).compute()).toEqual({
      AL: ["Ada Lovelace"],
      AT: ["Alan Turing"],
      AB: ["Anita Borg"],
    });
  });

  test("is sent once, and sent again if it goes away", async () => {
    await using cloud = await builtinCloud({ concurrency: 1 });
    await using _ = await connect({ backend: cloud.backend() });
    const first = delayed((name: string) => initials(name), { pure: false });
    expect(await first("Ada Lovelace").compute()).toBe("AL");
    const bucket = cloud.aws.s3.bucket(cloud.deployment.bucketName);
    const blobs = (): string[] => bucket.keys().filter((key) => key.startsWith("blob/"));
    expect(blobs()).toHaveLength(1);
    for (const key of blobs()) bucket.delete(key);
    // Another environment, which has nothing.
    for (const pid of cloud.worker.pids) process.kill(pid, "SIGKILL");
    expect(await first("Grace Hopper").compute()).toBe("GH");
    expect(blobs()).toHaveLength(1);
  });
});
