import { differenceInDays } from "date-fns";
import { groupBy } from "lodash-es";
import { describe, expect, test } from "vitest";
import { delayed } from "../../src/index.ts";
import { cloudClient } from "./cloud.ts";
import { initials } from "./programs/initials.ts";

cloudClient();

describe("what functions import", () => {
  test("reaches workers that have no packages and none of the user's files", async () => {
    const days = delayed((from: string, to: string) => differenceInDays(to, from));
    const byInitial = delayed((names: string[]) => groupBy(names, (name) => initials(name)));
    expect(await days("2024-02-01", "2024-03-01").compute()).toBe(29);
    expect(await byInitial(["Ada Lovelace", "Alan Turing", "Anita Borg"]).compute()).toEqual({
      AL: ["Ada Lovelace"],
      AT: ["Alan Turing"],
      AB: ["Anita Borg"],
    });
  });

  test("may look for whether it is in a worker", async () => {
    const inWorker = delayed(
      () => Reflect.get(globalThis, Symbol.for("lambdask.workerProcess")) === true,
    );
    expect(await inWorker().compute()).toBe(true);
  });
});
