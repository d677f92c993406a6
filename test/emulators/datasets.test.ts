import { describe, expect, test } from "vitest";
import { people, timeseries } from "../../src/datasets.ts";
import { connect, currentTask, delayed, withConfig } from "../../src/index.ts";
import { cloudClient } from "./cloud.ts";

const client = cloudClient();

describe("on Lambda", () => {
  test("made-up data is the same as on this machine", async () => {
    void client.current;
    const crowd = { count: 700, partitions: 3, seed: 11 };
    const series = { end: "2000-01-02", everyMs: 600_000, partitions: 2, seed: 11 };
    const there = [await people(crowd).compute(), await timeseries(series).compute()];
    await using _here = await connect({ inline: true, progress: "none" });
    expect([await people(crowd).compute(), await timeseries(series).compute()]).toEqual(there);
    expect(there.map((records) => records.length)).toEqual([700, 144]);
  });

  test("settings around a call hold for it", async () => {
    void client.current;
    const attempt = delayed(() => {
      const number = currentTask()?.attempt ?? 0;
      if (number < 3) throw new Error("again");
      return number;
    });
    const settings = { compute: { retries: 2 } };
    expect(await withConfig(settings, () => attempt().compute())).toBe(3);
  });
});
