import type { Invoker } from "../backend/invoker.ts";
import type { Invocation, TaskResult } from "../backend/task.ts";
import { withInvoke } from "../backend/with-invoke.ts";
import { badArgument } from "../base/errors.ts";
import { checkTopic } from "../base/log-event.ts";
import { decodeValue } from "../chunk/value-codec.ts";

/** Something that the program or one of its tasks has logged. */
export interface TopicEvent {
  readonly topic: string;
  /** When it was logged, in milliseconds since the epoch, by the clock of the machine it was logged on. */
  readonly atMs: number;
  readonly data: unknown;
  /** The attempt of a task that logged it; left out for events of the program itself. */
  readonly task?: { readonly name: string; readonly index: number; readonly attempt: number };
}

/** Events of one topic: a loop over it gets those from now on. It ends by `unsubscribe`, or when the client is closed. */
export interface Subscription extends AsyncIterableIterator<TopicEvent>, Disposable {
  unsubscribe(): void;
}

/** Events of a topic that are remembered, and kept for a loop that lags behind; older ones are forgotten. */
const historyMax = 10_000;

/** The topics of one client. */
export class Topics {
  readonly #topics = new Map<string, Topic>();
  #isClosed = false;

  /** `invoker`, whose results come without the events that they brought: these were logged. */
  tap(invoker: Invoker): Invoker {
    return withInvoke(invoker, async (invocation, signal) => {
      const outcome = await invoker.invoke(invocation, signal);
      if (!outcome.results.some(({ events }) => events !== undefined)) return outcome;
      for (const result of outcome.results) this.#take(invocation, result);
      return { ...outcome, results: outcome.results.map(withoutEvents) };
    });
  }

  log(topic: string, data: unknown): void {
    checkTopic("client.logEvent", topic);
    this.#of(topic).add({ topic, atMs: Date.now(), data });
  }

  /** The last events of a topic, the oldest first. */
  events(topic: string): readonly TopicEvent[] {
    checkTopic("client.events", topic);
    return this.#topics.get(topic)?.history ?? [];
  }

  subscribe(topic: string, handler: ((event: TopicEvent) => void) | undefined): Subscription {
    checkTopic("client.subscribe", topic);
    if (handler !== undefined && typeof handler !== "function") {
      throw badArgument("client.subscribe: handler", "a function", handler);
    }
    return this.#of(topic).subscribe(handler);
  }

  /** Loops over topics end. */
  close(): void {
    this.#isClosed = true;
    for (const topic of this.#topics.values()) topic.close();
  }

  #take({ stage }: Invocation, { index, attempt, events = [] }: TaskResult): void {
    const task = { name: stage.label, index, attempt };
    for (const { topic, atMs, data } of events) {
      this.#of(topic).add({ topic, atMs, data: decodeValue(data), task });
    }
  }

  #of(name: string): Topic {
    const known = this.#topics.get(name);
    if (known) return known;
    const topic = new Topic();
    if (this.#isClosed) topic.close();
    else this.#topics.set(name, topic);
    return topic;
  }
}

/** The events of one topic, and who listens. */
class Topic {
  #events: TopicEvent[] = [];
  readonly #listeners = new Set<Listener>();

  get history(): readonly TopicEvent[] {
    return this.#events.slice(-historyMax);
  }

  add(event: TopicEvent): void {
    this.#events.push(event);
    // Not at every event: moving them all costs their number.
    if (this.#events.length >= 2 * historyMax) this.#events = this.#events.slice(-historyMax);
    for (const listener of this.#listeners) listener.add(event);
  }

  subscribe(handler: ((event: TopicEvent) => void) | undefined): Subscription {
    const listener: Listener = new Listener(handler, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }

  close(): void {
    for (const listener of this.#listeners) listener.unsubscribe();
  }
}

class Listener implements Subscription {
  readonly #handler: ((event: TopicEvent) => void) | undefined;
  readonly #leave: () => void;
  #events: TopicEvent[] = [];
  #waiting: ((result: IteratorResult<TopicEvent, undefined>) => void)[] = [];
  #isOver = false;

  constructor(handler: ((event: TopicEvent) => void) | undefined, leave: () => void) {
    this.#handler = handler;
    this.#leave = leave;
  }

  add(event: TopicEvent): void {
    const handler = this.#handler;
    // In a turn of its own: what it throws is the program's, and ends no work.
    if (handler) queueMicrotask(() => this.#isOver || handler(event));
    else {
      const wake = this.#waiting.shift();
      if (wake) wake({ done: false, value: event });
      else this.#keep(event);
    }
  }

  #keep(event: TopicEvent): void {
    this.#events.push(event);
    if (this.#events.length > historyMax) this.#events.shift();
  }

  next(): Promise<IteratorResult<TopicEvent, undefined>> {
    const event = this.#events.shift();
    if (event) return Promise.resolve({ done: false, value: event });
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  return(): Promise<IteratorResult<TopicEvent, undefined>> {
    this.unsubscribe();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Nothing comes any more; what has come already can still be taken. */
  unsubscribe(): void {
    this.#isOver = true;
    this.#leave();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake({ done: true, value: undefined });
  }

  [Symbol.dispose](): void {
    this.unsubscribe();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function withoutEvents(result: TaskResult): TaskResult {
  const { events: _, ...rest } = result;
  return rest;
}
