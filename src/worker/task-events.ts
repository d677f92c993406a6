import type { TaskEvent } from "../backend/task.ts";
import { LambdaskError } from "../base/errors.ts";
import { encodeValue } from "../chunk/value-codec.ts";

const eventsMax = 1000;
/** Events ride in replies, which are limited, and beside the results of many tasks. */
const eventBytesMax = 16 * 1024;

/** The events that one attempt of a task has logged. */
export class TaskEvents {
  #events: TaskEvent[] | undefined;
  #bytes = 0;

  /** What was logged; `undefined` for nothing, as for nearly all tasks. */
  get list(): readonly TaskEvent[] | undefined {
    return this.#events;
  }

  add(topic: string, data: unknown): void {
    const bytes = encodeValue(data, `logEvent: topic ${JSON.stringify(topic)}`);
    const count = this.#events?.length ?? 0;
    this.#bytes += topic.length + bytes.length;
    if (count >= eventsMax || this.#bytes > eventBytesMax) throw tooMany(topic);
    this.#push(topic, bytes);
  }

  /** Adds what a kernel tells once nothing more is logged: few and small. */
  addOwn(topic: string, data: unknown): void {
    this.#push(topic, encodeValue(data, topic));
  }

  #push(topic: string, bytes: Uint8Array): void {
    this.#events ??= [];
    this.#events.push({ topic, atMs: Date.now(), data: new Uint8Array(bytes) });
  }
}

function tooMany(topic: string): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `logEvent: topic ${JSON.stringify(topic)}: a task may log ${eventsMax} events and ${eventBytesMax} bytes`,
    fix: "log less, or return what is large as the result",
  });
}
