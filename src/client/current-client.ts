import type { Client } from "./client.ts";
import { newestClient, refuseInTask } from "./current.ts";

/**
 * The client that `compute` uses now: the newest that is open; `undefined` if there is none, and the embedded default
 * would start. Throws LAZY_MISUSE in tasks, which have no client.
 * @example
 * ```ts
 * console.log(currentClient() === client); // → true
 * ```
 */
export function currentClient(): Client | undefined {
  refuseInTask("currentClient");
  return newestClient() as Client | undefined; // Only clients enter.
}
