import { currentTaskKey } from "./current-task.ts";
import { badArgument, LambdaskError } from "./errors.ts";

/** A worker's own view of a task, which takes events. */
export interface EventTaker {
  takeEvent(topic: string, data: unknown): void;
}

/**
 * Sends an event from inside a task to the client: subscribers of `topic` get it with the answer that brings the
 * task's result. Every attempt's events arrive, those of failed attempts too. Throws LAZY_MISUSE outside of tasks,
 * NOT_DATA for what cannot travel, and LIMIT for more than 1,000 events or 16 KiB of them from one task.
 * @example
 * ```ts
 * client.subscribe("parsed", ({ data, task }) => console.log(data, task?.name));
 * await client.submit(function parse(text: string) {
 *   logEvent("parsed", text.length);
 *   return JSON.parse(text) as number[];
 * }, "[1]").result(); // → 3 parse
 * ```
 */
export function logEvent(topic: string, data: unknown): void {
  checkTopic("logEvent", topic);
  const holder: unknown = Reflect.get(globalThis, currentTaskKey);
  const task = isHolder(holder) ? holder.getStore() : undefined;
  if (!isTaker(task)) {
    throw new LambdaskError("LAZY_MISUSE", {
      message: `logEvent: topic ${JSON.stringify(topic)}: there is no task here to send an event from`,
      fix: "call client.logEvent in the program itself",
    });
  }
  task.takeEvent(topic, data);
}

/** Refuses what is no name of a topic; the error names `where`. */
export function checkTopic(where: string, topic: unknown): asserts topic is string {
  if (typeof topic === "string" && topic !== "") return;
  throw badArgument(`${where}: topic`, "a text that is not empty", topic);
}

function isHolder(value: unknown): value is { getStore(): unknown } {
  return typeof value === "object" && value !== null && "getStore" in value;
}

function isTaker(value: unknown): value is EventTaker {
  return typeof value === "object" && value !== null && "takeEvent" in value;
}
