import { afterAll, describe, expect, test, vi } from "vitest";
import { blobsOf, capture } from "../../src/code/capture.ts";
import { perWorker } from "../../src/code/per-worker.ts";
import { secret } from "../../src/code/secret.ts";
import { LinkHere } from "./support/link-here.ts";

const here = new LinkHere();
const variable = "LAMBDASK_TEST_SECRET";
afterAll(() => vi.unstubAllEnvs());

describe("secret", () => {
  test("is read where it is called, each time", () => {
    const token = secret(variable);
    vi.stubEnv(variable, "first");
    expect(token()).toBe("first");
    vi.stubEnv(variable, "second");
    expect(token()).toBe("second");
  });

  test("never travels, only its name does", async () => {
    vi.stubEnv(variable, "hunter2");
    const token = secret(variable);
    const login = (): string => `bearer ${token()}`;
    const shipped = capture(login);
    const all = [shipped.graph, ...blobsOf(shipped).values()].map((bytes) =>
      Buffer.from(bytes).toString("latin1"),
    );
    expect([...all, JSON.stringify(shipped.modules)].join()).not.toContain("hunter2");
    expect(all.join()).toContain(variable);
    vi.stubEnv(variable, "of the worker");
    expect(capture(login).id).toBe(shipped.id);
    expect(await here.run(login)).toBe("bearer of the worker");
  });

  test("says in the worker which variable is missing", async () => {
    const token = secret("LAMBDASK_TEST_NOT_SET");
    await expect(here.run(() => token())).rejects.toMatchObject({
      code: "BAD_ARGUMENT",
      message: expect.stringContaining(
        "LAMBDASK_TEST_NOT_SET is not set in this process",
      ) as string,
    });
  });

  test.each(["", "A=B", 3])("refuses the name %j", (name) => {
    expect(() => secret(name as string)).toThrow("the name of an environment variable");
  });
});

test("a task can send on handles that came with it", async () => {
  vi.stubEnv(variable, "sent on");
  const token = secret(variable);
  const thing = perWorker(() => ({ made: "by its maker" }));
  const task = (): unknown => [token(), thing().made];
  const arrived = await here.ship(task);
  expect(capture(arrived).id).toBe(capture(task).id);
  expect(await here.run(arrived)).toEqual(["sent on", "by its maker"]);
});
