import { describe, expect, test } from "vitest";
import { type Deployment, protocolVersion } from "../../src/aws/deployment.ts";
import {
  concurrencyFinding,
  leftoversFinding,
  lifecycleFinding,
  versionFinding,
} from "../../src/cli/diagnoses.ts";

const deployment: Deployment = {
  bucketName: "bucket",
  workerFunctionName: "worker",
  protocolVersion,
  memoryMb: 1769,
  timeoutS: 900,
  reservedConcurrency: undefined,
  scratchDays: 7,
};
const rules = ["tmp/", "blob/", "bad/", "inputs/", "outputs/"].map((prefix) => ({
  prefix,
  days: 7,
}));

describe("the doctor", () => {
  test("says which side to update when versions differ", () => {
    expect(versionFinding(deployment).kind).toBe("good");
    const older = versionFinding({ ...deployment, protocolVersion: protocolVersion - 1 });
    expect(older).toMatchObject({
      kind: "bad",
      fix: expect.stringContaining("lambdask deploy") as unknown,
    });
    const newer = versionFinding({ ...deployment, protocolVersion: protocolVersion + 1 });
    expect(newer).toMatchObject({
      kind: "bad",
      fix: expect.stringContaining("update lambdask here") as unknown,
    });
  });

  test("finds the ten environments of a new account few", () => {
    expect(concurrencyFinding({ accountConcurrency: 10, reservedConcurrency: 2 })).toMatchObject({
      kind: "odd",
      what: "10 in the account, 2 reserved for this stack",
    });
    expect(
      concurrencyFinding({ accountConcurrency: 1000, reservedConcurrency: undefined }).kind,
    ).toBe("good");
  });

  test("wants a rule for each kind of scratch", () => {
    expect(lifecycleFinding(rules, deployment).kind).toBe("good");
    expect(lifecycleFinding(rules.slice(1), deployment)).toMatchObject({
      kind: "odd",
      what: "no rule removes old objects under tmp/",
    });
  });

  test("finds a rule odd that takes what is kept with it", () => {
    expect(lifecycleFinding([{ prefix: "", days: 30 }], deployment)).toMatchObject({
      kind: "odd",
      what: 'what is persisted or published is removed after 30 days, by the rule for ""',
      fix: "limit the rule to tmp/ blob/ bad/ inputs/ outputs/",
    });
    const more = [...rules, { prefix: "keep/", days: 90 }];
    expect(lifecycleFinding(more, deployment).kind).toBe("odd");
  });

  test("does not accept a rule that removes chunks sooner than clients believe", () => {
    const sooner = rules.map((rule) => (rule.prefix === "tmp/" ? { ...rule, days: 1 } : rule));
    expect(lifecycleFinding(sooner, deployment)).toMatchObject({
      kind: "bad",
      fix: "deploy again with --scratch-days 1, or change the rule",
    });
  });

  test("points at corrupt chunks", () => {
    expect(leftoversFinding({ corrupt: 0, objects: 3, bytes: 10 }).kind).toBe("good");
    expect(leftoversFinding({ corrupt: 1, objects: 3, bytes: 10 }).kind).toBe("odd");
  });
});
