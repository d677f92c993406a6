import type { Client } from "./client.ts";
import { refuseInTask } from "./current.ts";
import { newestClient } from "./open-clients.ts";

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
  return newestClient()?.client as Client | undefined; // Only clients enter.
}
