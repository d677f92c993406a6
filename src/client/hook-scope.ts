import { AsyncLocalStorage } from "node:async_hooks";

/** Clients whose hook has not ended, or has failed. */
const hidden = new WeakSet<object>();

/** Holds in what a client hook calls: its client, and those of hooks around it. */
const hooking = new AsyncLocalStorage<readonly object[]>();

/** True in what a client hook calls. */
export function isInHook(): boolean {
  return hooking.getStore() !== undefined;
}

/** Calls `hook`, which alone finds `client`, a new one, until it has ended: nobody computes on what is not set up. */
export async function setUpHidden(client: object, hook: () => unknown): Promise<void> {
  hidden.add(client);
  await hooking.run([...(hooking.getStore() ?? []), client], hook);
  hidden.delete(client);
}

/** False for clients that are being set up, but for what their hooks call. */
export function isVisible(client: object): boolean {
  return !hidden.has(client) || hooking.getStore()?.includes(client) === true;
}
