import type { Backend, BackendLimits } from "../../src/backend/backend.ts";
import type { ChunkStore } from "../../src/backend/chunk-store.ts";
import type { UserFunction } from "../../src/backend/kernel.ts";
import type { RunStore } from "../../src/backend/run-store.ts";
import type { ShippedFunction } from "../../src/backend/shipped-function.ts";
import type { Invocation, InvocationOutcome, TaskResult } from "../../src/backend/task.ts";
import type { Random } from "../../src/base/seeded-random.ts";
import { MemoryRunStore, MemoryStore } from "../../src/local/memory-store.ts";
import type { WorkerEnvironment } from "../../src/worker/environment.ts";
import { LinkedPrograms } from "../../src/worker/linked-program.ts";
import { runInvocation } from "../../src/worker/run-task.ts";
import { damageChunk } from "./damage.ts";
import { Faults, faultKinds } from "./faults.ts";
import { saltedRandom } from "./salted-random.ts";
import { VirtualTime } from "./virtual-time.ts";

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  readonly faults?: Faults;
  readonly limits?: Partial<BackendLimits>;
  readonly slots?: number;
  /** Makes a user function callable; left out: programs have none. */
  readonly link?: (shipped: ShippedFunction) => UserFunction;
  /** Told of everything that happens. */
  readonly trace?: (line: string) => void;
}

/** A client's machine: killed, it neither hears nor writes any more. */
export interface SimulatedClient {
  readonly pid: number;
  readonly backend: Backend;
  readonly alive: boolean;
  kill(): void;
}

/** A store, workers and clients in virtual time: tasks really run, only time and faults are made up. */
export class World {
  readonly time: VirtualTime = new VirtualTime();
  readonly store: MemoryStore = new MemoryStore(() => this.time.nowMs);
  readonly runs: MemoryRunStore = new MemoryRunStore();
  readonly faults: Faults;
  readonly limits: BackendLimits;
  /** How often each task ran to its end, by stored name and index. */
  readonly executions: Map<string, number> = new Map();
  readonly #options: WorldOptions;
  readonly #random: Random;
  readonly #environment: WorkerEnvironment;
  readonly #clients: SimulatedClient[] = [];
  readonly #listeners = new Set<(slots: number) => void>();
  #slots: number;

  constructor(options: WorldOptions) {
    this.#options = options;
    this.#random = saltedRandom(options.seed).split(77);
    this.faults = options.faults ?? new Faults(options.seed, new Set(faultKinds));
    this.#slots = options.slots ?? 1 + this.#random.below(4);
    this.limits = {
      workerMemoryBytes: 2 ** 30,
      reservedMemoryBytes: 2 ** 26,
      payloadBytesMax: 2 ** 20,
      invocationMsMax: Number.POSITIVE_INFINITY,
      invocationOverheadMs: 1,
      ...options.limits,
    };
    const link = options.link ?? notLinked;
    this.#environment = {
      store: this.store,
      sources: noSources,
      programs: new LinkedPrograms((shipped) => Promise.resolve(link(shipped))),
      now: () => this.time.nowMs,
      peakBytes: () => 0,
    };
    if (this.faults.has("scale")) this.#scaleLater();
  }

  /** True while the client with this process id lives. */
  isAlive(pid: number): boolean {
    return this.#clients.some((client) => client.pid === pid && client.alive);
  }

  /** A new client on this world's store and workers. */
  client(): SimulatedClient {
    const pid = this.#clients.length + 1;
    let alive = true;
    const living = (): boolean => alive;
    const random = this.#random.split(pid);
    const backend: Backend = {
      name: "simulated",
      store: storeOf(this.store, living, (line) => this.#trace(`client ${pid} ${line}`)),
      runs: runsOf(this.runs, living),
      sources: noSources,
      invoker: this.#invokerOf(living),
      clock: {
        now: () => this.time.nowMs,
        after: (delayMs, wake) => this.time.after(delayMs, () => alive && wake()),
      },
      limits: this.limits,
      random: () => random.next(),
      close: () => Promise.resolve(),
    };
    const client = {
      pid,
      backend,
      get alive(): boolean {
        return alive;
      },
      kill: (): void => {
        this.#trace(`client ${pid} is killed`);
        alive = false;
      },
    };
    this.#clients.push(client);
    return client;
  }

  #trace(line: string): void {
    this.#options.trace?.(`${(this.time.nowMs - 1_000_000).toFixed(2)} ${line}`);
  }

  #invokerOf(living: () => boolean): Backend["invoker"] {
    const world = this;
    return {
      invoke: (invocation) =>
        new Promise((resolve) => {
          const answer = (outcome: InvocationOutcome): void => {
            if (living()) resolve(outcome);
          };
          void this.#run(invocation, answer);
        }),
      get slots() {
        return world.#slots;
      },
      onSlots: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
      scale: () => undefined,
      hold: () => undefined,
      close: () => Promise.resolve(),
    };
  }

  async #run(invocation: Invocation, answer: (outcome: InvocationOutcome) => void): Promise<void> {
    const { faults } = this;
    const worker = this.#random.below(4);
    const told = `${invocation.stage.label} ${invocation.tasks.map((task) => task.index)}`;
    const latencyMs = 0.1 + this.#random.next() * 2;
    const lost = (failure: Extract<InvocationOutcome, { kind: "lost" }>["failure"]): void => {
      const results = faults.stream("kill").next() < 0.5 ? finished : [];
      this.#trace(`#${invocation.id} ${told}: lost (${failure.kind}), ${results.length} answered`);
      answer({ kind: "lost", worker, results: [...results], failure });
    };
    const finished: TaskResult[] = [];
    await this.#sleep(latencyMs);
    this.#trace(`#${invocation.id} ${told}: started`);
    if (faults.happens("throttle")) return lost({ kind: "throttle" });
    const names = invocation.tasks.map(({ index }) => `${invocation.stage.name}/${index}`);
    const mayDie = (): boolean => faults.spend("death", names);
    const killAt = faults.happens("kill") && mayDie() ? this.#below(names.length + 1) : -1;
    const isZombie = faults.happens("zombie") && mayDie();
    const isLost = faults.happens("lost-reply") && mayDie();
    const memoryAt =
      faults.happens("memory") && faults.spend("memory", names) ? this.#below(names.length) : -1;
    if (isZombie) lost({ kind: "timeout", afterMs: latencyMs });
    for (const [at, task] of invocation.tasks.entries()) {
      if (at === killAt) return lost({ kind: "worker-lost", detail: "killed" });
      if (at === memoryAt) return lost({ kind: "memory", detail: "used up", peakBytes: 1 });
      for (const result of await this.#runTask({ ...invocation, tasks: [task] })) {
        finished.push(result);
      }
    }
    if (killAt === names.length) return lost({ kind: "worker-lost", detail: "killed" });
    if (isZombie) return;
    await this.#sleep(0.1 + this.#random.next());
    if (isLost) {
      finished.length = 0;
      return lost({ kind: "worker-lost", detail: "no reply" });
    }
    this.#trace(`#${invocation.id} ${told}: answered ${finished.map(toldResult).join(" ")}`);
    answer({ kind: "answered", worker, results: this.#garbled(finished) });
  }

  async #runTask(invocation: Invocation): Promise<readonly TaskResult[]> {
    const { faults } = this;
    const [task] = invocation.tasks;
    const { name } = invocation.stage;
    if (task === undefined) return [];
    const { index, attempt } = task;
    const took = (0.2 + 4 * this.#random.next()) * (faults.happens("straggler") ? 50 : 1);
    const measures = {
      startMs: this.time.nowMs,
      readMs: 0,
      runMs: took,
      writeMs: 0,
      readBytes: 0,
      peakBytes: 0,
    };
    if (faults.happens("returned")) {
      return [{ status: "failed", index, attempt, failure: { kind: "returned" }, measures }];
    }
    const hooks = { signal: new AbortController().signal };
    const run = (): Promise<readonly TaskResult[]> =>
      runInvocation(invocation, this.#environment, hooks);
    const [first, second] = faults.happens("twice")
      ? await Promise.all([run(), run()])
      : [await run(), undefined];
    const results = second ?? first;
    await this.#sleep(took);
    const key = `${name}/${index}`;
    for (const { status } of results) {
      if (status === "done") this.executions.set(key, (this.executions.get(key) ?? 0) + 1);
    }
    if (await damageChunk(this.store, faults, { name, index })) {
      this.#trace(`damaged ${name}/${index}`);
    }
    return results.map((result) => ({ ...result, measures }));
  }

  #garbled(results: readonly TaskResult[]): TaskResult[] {
    const { faults } = this;
    const told = [...results];
    if (!faults.happens("garbled-reply")) return told;
    const random = faults.stream("garbled-reply");
    for (let at = told.length - 1; at > 0; at--) {
      const other = random.below(at + 1);
      const [a, b] = [told[at], told[other]];
      if (a !== undefined && b !== undefined) [told[at], told[other]] = [b, a];
    }
    const again = told[random.below(told.length)];
    if (again !== undefined) told.push(again, { ...again, index: again.index + 1_000_000 });
    return told;
  }

  #below(count: number): number {
    return this.#random.below(count);
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.time.after(ms, resolve));
  }

  #scaleLater(): void {
    const random = this.faults.stream("scale");
    this.time.after(5 + 40 * random.next(), () => {
      if (!this.#clients.some((client) => client.alive)) return;
      this.#slots = this.#slots === 0 ? 1 + random.below(4) : random.below(5);
      this.#trace(`${this.#slots} slots`);
      for (const listener of this.#listeners) listener(this.#slots);
      this.#scaleLater();
    });
  }
}

function toldResult(result: TaskResult): string {
  if (result.status === "done") return result.existed ? "existed" : "done";
  const { failure } = result;
  return "key" in failure ? `${failure.kind} ${failure.key.slice(7)}` : failure.kind;
}

function notLinked(shipped: ShippedFunction): UserFunction {
  throw new Error(`nobody can link ${shipped.name}`);
}

/** A store that a dead client does not reach: its calls never come back. */
function storeOf(
  store: ChunkStore,
  living: () => boolean,
  trace: (line: string) => void,
): ChunkStore {
  const never = <T>(call: () => Promise<T>): Promise<T> =>
    living() ? call().then((value) => (living() ? value : stuck<T>())) : stuck<T>();
  return {
    get: (key, signal) => never(() => store.get(key, signal)),
    getRange: (key, range, signal) => never(() => store.getRange(key, range, signal)),
    putIfAbsent: (key, bytes, signal) => never(() => store.putIfAbsent(key, bytes, signal)),
    list: async function* (prefix, signal) {
      if (!living()) await stuck();
      for await (const object of store.list(prefix, signal)) {
        if (!living()) await stuck();
        yield object;
      }
    },
    delete: (key, ifVersion) => {
      if (living()) trace(`deletes ${key}`);
      return never(() => store.delete(key, ifVersion));
    },
  };
}

function runsOf(runs: RunStore, living: () => boolean): RunStore {
  const never = <T>(call: () => Promise<T>): Promise<T> =>
    living() ? call().then((value) => (living() ? value : stuck<T>())) : stuck<T>();
  return {
    append: (name, bytes) => (living() ? runs.append(name, bytes) : stuck<void>()),
    replace: (name, bytes, ifVersion) => never(() => runs.replace(name, bytes, ifVersion)),
    get: (name) => never(() => runs.get(name)),
    list: (prefix) => never(() => runs.list(prefix)),
    delete: (name) => never(() => runs.delete(name)),
    deleteVersion: (name, version) => never(() => runs.deleteVersion(name, version)),
  };
}

function stuck<T>(): Promise<T> {
  return new Promise(() => undefined);
}

const noSources: Backend["sources"] = {
  expand: () => Promise.resolve([]),
  read: () => {
    throw new Error("there are no sources in a simulation");
  },
  write: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};
