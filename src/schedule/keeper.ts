import { hostname } from "node:os";
import type { Backend } from "../backend/backend.ts";
import { type ContentName, makeRunId, type RunId } from "../base/ids.ts";
import { isRunning } from "../base/running-process.ts";
import { validBytes } from "./journal.ts";
import type { OpenRun, RunKeeper, RunWork } from "./run-keeper.ts";
import {
  decodeRecord,
  deletable,
  encodeRecord,
  heartbeatEveryMs,
  isBeingDeleted,
  isOwned,
  isSession,
  journalName,
  type Keeping,
  keptName,
  type LivenessFacts,
  nameOfKept,
  noHeartbeat,
  type RunRecord,
  recordName,
  sessionKey,
} from "./run-record.ts";

/** The process that a keeper works in. */
export interface ProcessFacts {
  readonly host: string;
  readonly pid: number;
  isAlive(pid: number): boolean;
}

/** Makes the keeper of a backend's runs. */
export function createKeeper(backend: Backend, process: ProcessFacts = thisProcess): RunKeeper {
  return new Keeper(backend, process);
}

/** How long to wait before looking again whether another client has finished deleting. */
const lookAgainMs = 50;
/** Clients of this process that are open, whatever their backend. */
const openClients = new Set<string>();

const thisProcess: ProcessFacts = {
  host: hostname(),
  pid: process.pid,
  isAlive: isRunning,
};

/** A run that this client holds. */
class HeldRun {
  record: RunRecord;
  /** The write that will cover changes made from now on, if one is to come. */
  next: Promise<void> | undefined;
  last: Promise<void> = Promise.resolve();

  constructor(record: RunRecord) {
    this.record = record;
  }
}

class Keeper implements RunKeeper {
  readonly #backend: Backend;
  readonly #process: ProcessFacts;
  readonly #client: string;
  readonly #runs = new Map<RunId, HeldRun>();
  #endHeartbeat: () => void = () => undefined;

  constructor(backend: Backend, facts: ProcessFacts) {
    this.#backend = backend;
    this.#process = facts;
    this.#client = token(backend);
    openClients.add(this.#client);
  }

  async open({ key, name, settings }: RunWork): Promise<OpenRun> {
    const told = settings === undefined ? {} : { settings };
    const found = await this.#takeOver(key, told);
    if (found !== undefined) return found;
    const nowMs = Math.floor(this.#backend.clock.now());
    const run = makeRunId(`${nowMs.toString(36)}-${token(this.#backend)}`);
    const record = { ...this.#newRecord({ run, key, name }), ...told };
    await this.#backend.runs.replace(recordName(run), encodeRecord(record));
    this.#hold(record);
    return this.#openRun(run, undefined);
  }

  holds(run: RunId): boolean {
    return this.#runs.has(run);
  }

  async pin(run: RunId, names: readonly ContentName[]): Promise<void> {
    const wanted = new Set(names);
    if (!this.holds(run))
      this.#hold(this.#newRecord({ run, key: sessionKey(run), name: "futures" }));
    await this.#change(run, (record) => ({
      ...record,
      pins: [...new Set([...record.pins, ...names])],
    }));
    // Pins first, then the look: a client that deletes announces it first and looks for pins then. One of two meets
    // the other's note, whatever the order of their steps.
    while (isBeingDeleted(wanted, await this.#others(run), this.#facts())) {
      await new Promise<void>((resolve) =>
        this.#backend.clock.after(lookAgainMs, resolve, { holds: true }),
      );
    }
  }

  async unpin(
    run: RunId,
    names: readonly ContentName[],
    use: "over" | "dropped",
  ): Promise<readonly ContentName[]> {
    const gone = new Set(use === "over" ? names : []);
    await this.#change(run, (record) => ({
      ...record,
      pins: record.pins.filter((name) => !gone.has(name)),
      deleting: [...new Set([...record.deleting, ...names])],
    }));
    const allowed = deletable(names, await this.#others(run), await this.#kept());
    const isAllowed = new Set(allowed);
    const refused = names.filter((name) => !isAllowed.has(name));
    if (refused.length > 0) await this.deleted(run, refused);
    return allowed;
  }

  async deleted(run: RunId, names: readonly ContentName[]): Promise<void> {
    if (names.length === 0) return;
    const gone = new Set(names);
    await this.#change(run, (record) => ({
      ...record,
      deleting: record.deleting.filter((name) => !gone.has(name)),
    }));
  }

  async keep(names: readonly ContentName[], by: Keeping): Promise<void> {
    const note = new Uint8Array(0);
    await Promise.all(names.map((name) => this.#backend.runs.replace(keptName(name, by), note)));
  }

  async forget(names: readonly ContentName[], by: Keeping): Promise<void> {
    await Promise.all(names.map((name) => this.#backend.runs.delete(keptName(name, by))));
  }

  async isKept(name: ContentName): Promise<boolean> {
    return (await this.#kept()).has(name);
  }

  async close(): Promise<void> {
    this.#endHeartbeat();
    const ends = [...this.#runs.values()].map((held) =>
      isSession(held.record) ? this.#finish(held.record.run) : (held.next ?? held.last),
    );
    await Promise.all(ends);
    openClients.delete(this.#client);
  }

  async #takeOver(
    key: ContentName,
    told: Pick<RunRecord, "settings">,
  ): Promise<OpenRun | undefined> {
    const { runs } = this.#backend;
    // Work that tasks return is run inside of the run that returned it: there may be hundreds of our own.
    const own = new Set([...this.#runs.keys()].map(recordName));
    for (const name of await this.#recordNames()) {
      const file = own.has(name) ? undefined : await runs.get(name);
      const record = file === undefined ? undefined : decodeRecord(file.bytes);
      if (file === undefined || record?.key !== key) continue;
      if (isOwned(record, this.#facts())) continue;
      const heartbeatMs = this.#backend.clock.now();
      const mine = { ...record, ...told, owner: this.#owner(), heartbeatMs, deleting: [] };
      // Two clients may want it: the version lets one of them have it.
      if (!(await runs.replace(name, encodeRecord(mine), file.version))) continue;
      this.#hold(mine);
      return this.#openRun(record.run, await this.#journal(record.run));
    }
    return undefined;
  }

  /** The journal up to where it is torn, written anew if it is: what is appended must be readable. */
  async #journal(run: RunId): Promise<Uint8Array> {
    const file = await this.#backend.runs.get(journalName(run));
    if (file === undefined) return new Uint8Array(0);
    const valid = file.bytes.subarray(0, validBytes(file.bytes));
    if (valid.byteLength < file.bytes.byteLength) {
      await this.#backend.runs.replace(journalName(run), valid);
    }
    return valid;
  }

  #openRun(run: RunId, journal: Uint8Array | undefined): OpenRun {
    return {
      run,
      resumed: journal !== undefined,
      journal,
      finish: () => this.#finish(run),
      leave: () => this.#leave(run),
    };
  }

  async #finish(run: RunId): Promise<void> {
    if ((await this.#letGo(run)) === undefined) return;
    // The record last: what is killed in between is found by it.
    await this.#backend.runs.delete(journalName(run));
    await this.#backend.runs.delete(recordName(run));
  }

  async #leave(run: RunId): Promise<void> {
    const record = await this.#letGo(run);
    if (record === undefined) return;
    const left = { ...record, heartbeatMs: noHeartbeat };
    await this.#backend.runs.replace(recordName(run), encodeRecord(left));
  }

  async #letGo(run: RunId): Promise<RunRecord | undefined> {
    const held = this.#runs.get(run);
    if (held === undefined) return undefined;
    this.#runs.delete(run);
    if (this.#runs.size === 0) this.#endHeartbeat();
    await (held.next ?? held.last);
    return held.record;
  }

  #newRecord(work: Pick<RunRecord, "run" | "key" | "name">): RunRecord {
    const nowMs = this.#backend.clock.now();
    const times = { startedMs: nowMs, heartbeatMs: nowMs };
    const { settings } = this.#backend;
    const told = settings === undefined ? {} : { settings };
    return { version: 1, ...work, ...told, owner: this.#owner(), ...times, pins: [], deleting: [] };
  }

  #hold(record: RunRecord): void {
    if (this.#runs.size === 0) this.#beat();
    this.#runs.set(record.run, new HeldRun(record));
  }

  #beat(): void {
    this.#endHeartbeat();
    this.#endHeartbeat = this.#backend.clock.after(heartbeatEveryMs, () => {
      for (const run of this.#runs.keys()) {
        // A heartbeat that cannot be written is written with the next; a lease lasts twelve of them.
        this.#change(run, (record) => record).catch(() => undefined);
      }
      this.#beat();
    });
  }

  /** Changes a run's record. Changes that come while one is being written are written together after it. */
  #change(run: RunId, change: (record: RunRecord) => RunRecord): Promise<void> {
    const held = this.#runs.get(run);
    if (held === undefined) return Promise.resolve();
    held.record = { ...change(held.record), heartbeatMs: this.#backend.clock.now() };
    held.next ??= held.last
      .catch(() => undefined)
      .then(async () => {
        held.last = held.next ?? held.last;
        held.next = undefined;
        await this.#backend.runs.replace(recordName(run), encodeRecord(held.record));
      });
    return held.next;
  }

  /** Records of all other runs, those of this client included. What a dead client had for its futures is nobody's. */
  async #others(run: RunId): Promise<RunRecord[]> {
    const { runs } = this.#backend;
    const records: RunRecord[] = [];
    const own = new Map([...this.#runs].map(([id, held]) => [recordName(id), held.record]));
    for (const name of await this.#recordNames()) {
      const file = own.has(name) ? undefined : await runs.get(name);
      const record = file === undefined ? own.get(name) : decodeRecord(file.bytes);
      if (record === undefined || record.run === run) continue;
      if (isSession(record) && !isOwned(record, this.#facts())) await runs.delete(name);
      else records.push(record);
    }
    return records;
  }

  async #recordNames(): Promise<string[]> {
    const names = await this.#backend.runs.list("runs/");
    return names.filter((name) => name.endsWith("/record"));
  }

  async #kept(): Promise<Set<ContentName>> {
    const names = await this.#backend.runs.list("kept/");
    return new Set(names.map(nameOfKept));
  }

  #owner(): RunRecord["owner"] {
    const { host, pid } = this.#process;
    return { host, pid, client: this.#client };
  }

  #facts(): LivenessFacts {
    const { isAlive } = this.#process;
    return { nowMs: this.#backend.clock.now(), self: this.#owner(), openClients, isAlive };
  }
}

function token(backend: Backend): string {
  const part = (): string => Math.floor(backend.random() * 2 ** 32).toString(36);
  return part() + part();
}
