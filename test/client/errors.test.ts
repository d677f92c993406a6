import { describe, expect, test } from "vitest";
import { compute, type Delayed, delayed, isLambdaskError, TaskError } from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

sharedClient({ inline: true });

class PriceError extends Error {
  override name = "PriceError";
  readonly item: string;
  constructor(message: string, item: string, cause: unknown) {
    super(message, { cause });
    this.item = item;
  }
}

describe("an error in a task", () => {
  test("is told with the task, the original error and both places in the user's program", async () => {
    const price = delayed(function price(row: { cents?: number }) {
      if (row.cents === undefined) throw new TypeError("no price");
      return row.cents;
    });
    const error = await errorOf(() => price({}).compute());
    if (!(error instanceof TaskError)) throw error;
    expect(error.code).toBe("TASK_FAILED");
    expect(error.message).toContain('task "price" #0 failed: TypeError: no price');
    expect(error.message).toMatch(/at price .*errors\.test\.ts/);
    expect(error.message).toMatch(/defined at .*errors\.test\.ts:\d+:\d+/);
    expect(error.message).toMatch(/asked for at .*errors\.test\.ts:\d+:\d+/);
    expect(error.stack).not.toMatch(/src\/(client|worker|code|schedule)\//);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect((error.cause as Error).stack).not.toMatch(/src\/(client|worker|code|schedule)\//);
  });

  test("in a built-in function shows the user's line first", async () => {
    const parse = delayed((text: string) => JSON.parse(text) as unknown);
    const error = await errorOf(() => parse("{").compute());
    expect(String(error)).toMatch(/SyntaxError: .*\n\s+at .*errors\.test\.ts:\d+:\d+/);
  });

  test("names both places with the whole path", async () => {
    const error = await errorOf(() =>
      delayed(() => {
        throw new Error("no");
      })().compute(),
    );
    const places = [...String(error).matchAll(/(?:defined|asked for) at (\S+):\d+:\d+/g)];
    expect(places.length).toBe(2);
    for (const [, file] of places) expect(file).toBe(import.meta.filename);
  });

  test("in a member of a result is told as that, not as the function's", async () => {
    const load = delayed(function load(): { x?: { y: number } } {
      return {};
    });
    const value = load() as unknown as { x: { y: Delayed<number>; run(): Delayed<number> } };
    const kept = load() as unknown as { x: { y: Delayed<number> } };
    for (const [lazy, member] of [
      [value.x.y, "y"],
      [value.x.run(), "run"],
    ] as const) {
      const error = await errorOf(() => lazy.compute());
      if (!(error instanceof TaskError)) throw error;
      expect(error.message).toContain(
        `task "load → .x → .${member === "y" ? "y" : "run()"}" #0 failed: TypeError: Cannot read "${member}" of a delayed value: it is undefined`,
      );
    }
    const error = await errorOf(() => compute(kept.x.y, load()));
    expect(String(error)).toMatch(/task "load → \.x → \.y" #\d failed: TypeError: Cannot read "y"/);
  });

  test("of a function without a name is told with its file and line", async () => {
    const error = await errorOf(() =>
      delayed(() => {
        throw new Error("no");
      })().compute(),
    );
    if (!(error instanceof TaskError)) throw error;
    expect(error.task.label).toMatch(/^function at errors\.test\.ts:\d+$/);
    expect(error.task.definedAt).toContain(error.task.label.replace("function at ", ""));
  });

  test("of this library keeps its code and its fix, each said once", async () => {
    const make = delayed(() => ({ run: () => 1 }));
    const error = await errorOf(() => make().compute());
    if (!(error instanceof TaskError)) throw error;
    expect(error.code).toBe("NOT_DATA");
    const { fix } = error.cause as { fix?: string };
    expect(fix).toBeTypeOf("string");
    expect(error.fix).toBe(fix);
    expect(error.message.split("fix:")).toHaveLength(2);
    expect(error.message.split("[NOT_DATA]")).toHaveLength(2);
  });

  test("keeps name, message, fields and cause of classes that only the worker knows", async () => {
    const fail = delayed(() => {
      throw new PriceError("too low", "pear", new RangeError("-1"));
    });
    const { cause } = (await errorOf(() => fail().compute())) as TaskError;
    expect(cause).toBeInstanceOf(Error);
    expect(cause).toMatchObject({ name: "PriceError", message: "too low", item: "pear" });
    expect((cause as Error).cause).toBeInstanceOf(RangeError);
  });

  test("keeps the errors of an AggregateError", async () => {
    const fail = delayed(() => {
      throw new AggregateError([new TypeError("a"), new Error("b")], "both");
    });
    const { cause } = (await errorOf(() => fail().compute())) as TaskError;
    expect(cause).toBeInstanceOf(AggregateError);
    const { errors } = cause as AggregateError;
    expect(errors.map(String)).toEqual(["TypeError: a", "Error: b"]);
    expect(errors[0]).toBeInstanceOf(TypeError);
  });

  test("shows the user's places, and no others, in all errors that it holds", async () => {
    const fail = delayed(() => {
      const field = new Error("field", { cause: new Error("under field") });
      const gathered = new Error("gathered", { cause: new Error("under gathered") });
      throw Object.assign(new AggregateError([gathered], "both"), { field });
    });
    const { cause } = (await errorOf(() => fail().compute())) as TaskError;
    const { errors, field } = cause as AggregateError & { field: Error };
    for (const error of [cause, errors[0], errors[0].cause, field, field.cause]) {
      const [first, ...frames] = String((error as Error).stack).split("\n");
      expect(first).toMatch(/: (both|gathered|under gathered|field|under field)$/);
      expect(frames.length).toBeGreaterThan(0);
      for (const frame of frames) expect(frame).toMatch(/errors\.test\.ts:\d+:\d+\)?$/);
    }
  });

  test("may be anything that can be thrown", async () => {
    for (const thrown of ["text", 7, null, { code: 3 }]) {
      const fail = delayed((value: unknown) => {
        throw value;
      });
      const error = await errorOf(() => fail(thrown).compute());
      expect((error as TaskError).cause ?? null).toEqual(thrown);
    }
  });

  test("reaches everything that depends on it, and nothing else with onError: collect", async () => {
    const broken = delayed(() => {
      throw new Error("first cause");
    })();
    const uses = delayed((x: unknown) => x);
    const [a, b, c] = await compute(uses(uses(broken)), uses([broken]), uses(5), {
      onError: "collect",
    });
    expect((a.error as TaskError).cause).toMatchObject({ message: "first cause" });
    expect((b.error as TaskError).cause).toMatchObject({ message: "first cause" });
    expect(c).toEqual({ value: 5 });
  });

  test("of ours keeps its code", async () => {
    const error = await errorOf(() => delayed(() => new WeakMap())().compute());
    expect(isLambdaskError(error, "NOT_DATA")).toBe(true);
  });
});

describe("cancelling", () => {
  test("before it begins rejects with the reason", async () => {
    const one = delayed(() => 1)();
    const error = await errorOf(() => one.compute({ signal: AbortSignal.abort("enough") }));
    expect(isLambdaskError(error, "CANCELLED")).toBe(true);
    expect((error as Error).cause).toBe("enough");
    expect((error as Error).stack).toContain("errors.test.ts");
    expect((error as Error).stack).not.toMatch(/src\/client\//);
  });

  test("in the middle stops what has not begun", async () => {
    const stop = new AbortController();
    const wait = delayed((n: number) => new Promise((resolve) => setTimeout(resolve, 20, n)));
    const chain = Array.from({ length: 500 }).reduce(
      (lazy: unknown, _, i) => delayed((_before: unknown, n: number) => n)(lazy, i),
      wait(1),
    );
    const running = delayed((x: unknown) => x)(chain).compute({ signal: stop.signal });
    stop.abort(new Error("changed my mind"));
    const error = await errorOf(() => running);
    expect(isLambdaskError(error, "CANCELLED")).toBe(true);
  });
});
