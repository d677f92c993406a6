import { describe, expect, test } from "vitest";
import { lookUpProblem } from "../../src/aws/look-up-problem.ts";

const region = "eu-central-1";

function thrown(name: string, message = "said so", more: object = {}): Error {
  return Object.assign(new Error(message), { name, ...more });
}

describe("a stack that cannot be looked up", () => {
  test.each([
    [
      "is not there",
      thrown("ValidationError", "Stack with id X does not exist"),
      "none of this name in eu-central-1",
      "npx lambdask deploy",
    ],
    [
      "is asked for without a region",
      thrown("Error", "Region is missing"),
      "no region is set",
      "AWS_REGION",
    ],
    [
      "is asked for without credentials",
      thrown("CredentialsProviderError"),
      "no credentials",
      "sign in",
    ],
    ["is asked for with old ones", thrown("ExpiredToken"), "have expired", "sign in again"],
    ["is asked for with wrong ones", thrown("InvalidClientTokenId"), "not accepted", "AWS_PROFILE"],
    ["is not for the caller", thrown("AccessDenied"), "may not", "client policy"],
    [
      "is out of reach",
      thrown("Error", "", { code: "ECONNREFUSED" }),
      "cannot be reached: ECONNREFUSED",
      "the network",
    ],
    ["is refused for what nobody knows", thrown("Odd", "whatever"), "Odd: whatever", "check"],
  ])("because it %s", (_why, cause, what, fix) => {
    const problem = lookUpProblem(cause, { region });
    expect(problem.what).toContain(what);
    expect(problem.fix).toContain(fix);
  });

  test("on a server of one's own names that", () => {
    const endpoint = "http://127.0.0.1:4566";
    const cause = thrown("ValidationError", "Stack with id X does not exist");
    expect(lookUpProblem(cause, { region, endpoint }).what).toContain(`${region} at ${endpoint}`);
  });
});
