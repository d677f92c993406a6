import { describe, expect, test } from "vitest";
import { connect, logEvent, type TopicEvent } from "../../src/index.ts";
import { errorOf, sharedClient } from "./support.ts";

const inline = sharedClient({ inline: true });
const processes = sharedClient({ processes: 2 });

function log(n: number): number {
  logEvent("seen", { n });
  if (n < 0) throw new Error("below zero");
  return n;
}

const facts = (events: readonly TopicEvent[]): unknown[] =>
  events.map(({ data, task }) => [data, task?.name, task?.index, task?.attempt]);

describe.each([
  ["inline", inline],
  ["processes", processes],
])("events on %s", (_, client) => {
  test("of tasks come to the client with task and attempt, those of failed attempts too", async () => {
    const events: TopicEvent[] = [];
    using subscription = client.current.subscribe("seen", (event) => events.push(event));
    const before = Date.now();
    await client.current.gather(client.current.map(log, [1, 2]));
    const bad = client.current.map(log, [-1], { retries: 1 });
    await errorOf(() => client.current.gather(bad));
    await Promise.resolve();
    // Two workers: in no order of their own.
    expect(events).toHaveLength(4);
    expect(new Set(facts(events))).toEqual(
      new Set([
        [{ n: 1 }, "log", 0, 1],
        [{ n: 2 }, "log", 1, 1],
        [{ n: -1 }, "log", 0, 1],
        [{ n: -1 }, "log", 0, 2],
      ]),
    );
    expect(events.every(({ atMs, topic }) => atMs >= before && topic === "seen")).toBe(true);
    expect(facts(client.current.events("seen"))).toEqual(facts(events));
    expect(subscription).toBeDefined();
  });

  test("too many or too large of one task are refused there", async () => {
    const tooMany = (): void => {
      for (let i = 0; i <= 1000; i++) logEvent("many", i);
    };
    const tooLarge = (): void => logEvent("large", "x".repeat(20_000));
    const noData = (): void => logEvent("odd", Symbol("s"));
    for (const [call, code] of [
      [tooMany, "LIMIT"],
      [tooLarge, "LIMIT"],
      [noData, "NOT_DATA"],
    ] as const) {
      expect(await client.current.submit(call).exception()).toMatchObject({ cause: { code } });
    }
  });
});

describe("topics", () => {
  test("are apart, and remember what was logged before anybody listened", () => {
    inline.current.logEvent("a", 1);
    inline.current.logEvent("b", 2);
    inline.current.logEvent("a", 3);
    expect(facts(inline.current.events("a")).map((fact) => (fact as unknown[])[0])).toEqual([1, 3]);
    expect(inline.current.events("nothing")).toEqual([]);
  });

  test("remember the last 10,000 events", () => {
    for (let i = 0; i < 25_000; i++) inline.current.logEvent("flood", i);
    const events = inline.current.events("flood");
    expect(events.map(({ data }) => data)).toEqual(
      Array.from({ length: 10_000 }, (_, i) => 15_000 + i),
    );
  });

  test("are looped over, until unsubscribed or closed", async () => {
    const other = await connect({ inline: true, progress: "none" });
    const subscription = other.subscribe("x");
    other.logEvent("x", 1);
    other.logEvent("x", 2);
    const seen: unknown[] = [];
    const looping = (async () => {
      for await (const { data } of subscription) seen.push(data);
    })();
    other.logEvent("x", 3);
    await other.close();
    await looping;
    expect(seen).toEqual([1, 2, 3]);
  });

  test("end a subscription that a loop is broken out of", async () => {
    const subscription = inline.current.subscribe("y");
    inline.current.logEvent("y", 1);
    for await (const _ of subscription) break;
    inline.current.logEvent("y", 2);
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test("of wrong names and handlers are refused, and logEvent outside of tasks", () => {
    expect(() => inline.current.logEvent("", 1)).toThrow(/client\.logEvent: topic/);
    expect(() => inline.current.subscribe(5 as never)).toThrow(/client\.subscribe: topic/);
    expect(() => inline.current.subscribe("x", 5 as never)).toThrow(/client\.subscribe: handler/);
    expect(() => inline.current.events(undefined as never)).toThrow(/client\.events: topic/);
    expect(() => logEvent("x", 1)).toThrow(/there is no task here/);
  });
});
