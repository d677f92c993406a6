import type { ShippedFunction } from "../backend/shipped-function.ts";
import { LambdaskError } from "../base/errors.ts";
import { capture } from "../code/capture.ts";
import { functionLabel } from "../code/lazy/function-label.ts";
import type { ConnectedClient } from "../config/connected-client.ts";
import { type FrozenSettings, resolve } from "../config/resolve.ts";
import type { SettingValue } from "../config/settings.ts";
import { userFrames } from "./call-site.ts";
import { isInHook, setUpHidden } from "./hook-scope.ts";

/** What the user has called when a client and its workers begin. */
export interface Hooks {
  readonly worker: WorkerHook | undefined;
  readonly client: ClientHook | undefined;
}

/** The function `setUpWorker` as it was when the client was opened. */
interface WorkerHook {
  readonly shipped: ShippedFunction;
  /** For people. */
  readonly label: string;
}

/** The function `setUpClient`. */
interface ClientHook {
  readonly call: (client: ConnectedClient) => unknown;
  readonly label: string;
  /** Who said it: the call, or the file with the setting's name. */
  readonly where: string;
}

/** Options of a call: they win over the settings of their names. */
interface HookOptions {
  readonly setUpWorker?: unknown;
  readonly setUpClient?: unknown;
}

/** The hooks that hold here. Throws CANNOT_SHIP if a worker could not have the same. */
export function hooksOf(options: HookOptions = {}): Hooks {
  return {
    worker: workerHook(options.setUpWorker),
    client: clientHook(options.setUpClient),
  };
}

function workerHook(value: unknown): WorkerHook | undefined {
  const found = said("setUpWorker", value);
  if (found === undefined) return undefined;
  const shipped = capture(found.call, { where: found.where });
  return { shipped, label: functionLabel(shipped) };
}

function clientHook(value: unknown): ClientHook | undefined {
  // A client that the hook opens itself would call it again, without end.
  if (value === undefined && isInHook()) return undefined;
  const found = said("setUpClient", value);
  return found && { ...found, label: found.call.name || "setUpClient" };
}

function said<K extends "setUpWorker" | "setUpClient">(
  key: K,
  option: unknown,
): { readonly call: SettingValue<K>; readonly where: string } | undefined {
  const { value, where } = resolve(key, { where: `connect: ${key}`, value: option });
  return value === undefined ? undefined : { call: value as SettingValue<K>, where }; // The schema has checked it.
}

/** What the hooks are called. */
export function hookLabels({ worker, client }: Hooks): { worker?: string; client?: string } {
  return {
    ...(worker === undefined ? {} : { worker: worker.label }),
    ...(client === undefined ? {} : { client: client.label }),
  };
}

/** `settings` for the records of runs, which hold no functions: that of workers is told by name and identity. */
export function tellingHooks(settings: FrozenSettings, { worker, client }: Hooks): FrozenSettings {
  const { setUpWorker: _worker, setUpClient: _client, ...rest } = settings;
  return {
    ...rest,
    ...(worker === undefined ? {} : { setUpWorker: `${worker.label} ${worker.shipped.id}` }),
    ...(client === undefined ? {} : { setUpClient: client.label }),
  };
}

/** Calls `setUpClient`, if there is one, with a client that is open. If it fails, so does this, and the client is closed. */
export async function runClientHook(
  { client: hook }: Hooks,
  client: ConnectedClient,
): Promise<void> {
  if (hook === undefined) return;
  try {
    await setUpHidden(client, () => hook.call(client));
  } catch (cause) {
    // What the hook threw says more than what closing may throw.
    await client.close().catch(() => undefined);
    throw hookFailed(hook, cause);
  }
}

function hookFailed({ where, label }: ClientHook, cause: unknown): LambdaskError {
  const [frame] = cause instanceof Error ? userFrames(cause.stack) : [];
  const failed = `${where}: the client could not be set up: "${label}" failed: ${thrownText(cause)}`;
  return new LambdaskError("SET_UP_FAILED", {
    message: frame === undefined ? failed : `${failed}\n${frame}`,
    fix: "mend what it threw for, or leave the hook out; the client is closed",
    cause,
    data: { where, hook: label },
  });
}

function thrownText(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    return "something that cannot be written as text";
  }
}
