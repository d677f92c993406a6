import { expect, test } from "vitest";
import { expirationsOf } from "../../src/aws/inspect-stack.ts";

const [on, off] = [{ Status: "Enabled" } as const, { Status: "Disabled" } as const];
const week = { Expiration: { Days: 7 } };

test("rules count that are on, remove by age and ask for a prefix at most", () => {
  const rules = [
    { ...on, ...week, Filter: { Prefix: "tmp/" } },
    { ...on, ...week, Prefix: "blob/" },
    { ...on, ...week },
    { ...off, ...week, Prefix: "bad/" },
    { ...on, Prefix: "inputs/", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
    { ...on, ...week, Filter: { Tag: { Key: "a", Value: "b" } } },
    { ...on, ...week, Filter: { And: { Prefix: "bad/", ObjectSizeGreaterThan: 1 } } },
  ];
  expect(expirationsOf(rules)).toEqual([
    { prefix: "tmp/", days: 7 },
    { prefix: "blob/", days: 7 },
    { prefix: "", days: 7 },
  ]);
});
