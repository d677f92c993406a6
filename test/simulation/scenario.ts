import type { Backend } from "../../src/backend/backend.ts";
import { nameOf } from "../../src/base/content-name.ts";
import type { ChunkKey } from "../../src/base/ids.ts";
import type { Random } from "../../src/base/seeded-random.ts";
import { corruptChunk } from "../../src/chunk/chunk-layout.ts";
import { readSummary } from "../../src/chunk/stored-chunk.ts";
import { readChunk } from "../../src/client/read-chunk.ts";
import type { CheckedPlan, Fragment } from "../../src/plan/fragment.ts";
import { forEachIndex, type IndexSet } from "../../src/plan/index-set.ts";
import { planTargets } from "../../src/plan/planner.ts";
import { createDriver } from "../../src/schedule/drive.ts";
import type { Driver, FinishedChunk, JobHandle } from "../../src/schedule/driver.ts";
import { createKeeper } from "../../src/schedule/keeper.ts";
import type { RunKeeper } from "../../src/schedule/run-keeper.ts";
import { decodeRecord } from "../../src/schedule/run-record.ts";
import { type FaultKind, Faults } from "./faults.ts";
import { type Expected, type Node, randomProgram, useFaults } from "./program.ts";
import { saltedRandom } from "./salted-random.ts";
import { type SimulatedClient, World } from "./simulated-backend.ts";

/** What is left out to make a failing seed smaller. */
export interface ScenarioOptions {
  readonly seed: number;
  readonly without?: ReadonlySet<FaultKind>;
  /** Operations of the program at most. */
  readonly stepsMax?: number;
  readonly jobsMax?: number;
  readonly trace?: (line: string) => void;
}

/** How a seed went. */
export interface ScenarioResult {
  /** What was wrong, or `undefined`. */
  readonly violation: string | undefined;
  readonly tasks: number;
  readonly faults: readonly FaultKind[];
}

/** Happenings after which a seed counts as going round in circles. */
const ticksMax = 200_000;

/** One job of a scenario: the same whoever runs it, and however often. */
interface Work {
  readonly targets: readonly { readonly node: Node; readonly indexes: IndexSet }[];
  readonly onError: "fail" | "continue";
}

/** Runs the world of one seed and checks all that must hold. */
export async function runScenario(options: ScenarioOptions): Promise<ScenarioResult> {
  const { seed, without, trace } = options;
  const faults = new Faults(seed, without);
  useFaults(faults);
  const random = saltedRandom(seed).split(1000);
  const world = new World({
    seed,
    faults,
    limits: { payloadBytesMax: random.next() < 0.3 ? 2500 : 2 ** 20 },
    ...(trace ? { trace } : {}),
  });
  trace?.(`faults: ${faults.on.join(" ")}`);
  const nodes = await randomProgram(random, faults, options.stepsMax ?? 10);
  // Noise makes jobs of different times disagree about the chunks that they share, by nature.
  const jobsMax = faults.has("noise") ? 1 : (options.jobsMax ?? 3);
  const works = Array.from({ length: 1 + random.below(jobsMax) }, () => randomWork(random, nodes));
  const scenario = new Scenario(world, works, random);
  const violation = await scenario.run().catch((error: unknown) => describeError(error));
  world.time.stop();
  return { violation, tasks: world.executions.size, faults: faults.on };
}

function randomWork(random: Random, nodes: readonly Node[]): Work {
  const targets = Array.from({ length: 1 + random.below(3) }, () => {
    const at = nodes.length - 1 - Math.floor(random.next() ** 2 * nodes.length);
    const node = nodes[at] ?? nodes[0];
    if (node === undefined) throw new Error("a program without nodes");
    return { node, indexes: randomIndexes(random, node.chunks.length) };
  });
  return { targets, onError: random.next() < 0.5 ? "fail" : "continue" };
}

function randomIndexes(random: Random, count: number): IndexSet {
  const start = random.below(count);
  const kind = random.below(4);
  if (kind === 0) return { kind: "range", start, end: start + 1 + random.below(count - start) };
  if (kind === 1) return { kind: "list", indexes: Uint32Array.of(start) };
  return { kind: "all" };
}

class Scenario {
  readonly #world: World;
  readonly #works: readonly Work[];
  readonly #random: Random;
  readonly #problems: string[] = [];
  readonly #live = new Set<SimulatedClient>();

  constructor(world: World, works: readonly Work[], random: Random) {
    this.#world = world;
    this.#works = works;
    this.#random = random;
  }

  async run(): Promise<string | undefined> {
    const { faults } = this.#world;
    const clients = [this.#client("first")];
    // Noise makes two clients disagree about the chunks that they share, by nature.
    if (faults.has("second-client") && !faults.has("noise")) clients.push(this.#client("second"));
    const all = Promise.all(clients).then(() => "over");
    const over = await Promise.race([all, this.#tooLong()]);
    for (const client of this.#live) client.kill();
    if (over !== "over") this.#problems.push(over);
    if (this.#problems.length === 0) await this.#checkStore();
    return this.#problems[0];
  }

  /** Resolves if nothing happens any more, or far too much, while somebody still waits. */
  #tooLong(): Promise<string> {
    const { time } = this.#world;
    return new Promise((resolve) => {
      const look = (): void => {
        if (time.ticks > ticksMax) resolve(`still busy after ${ticksMax} happenings`);
        else if (this.#live.size > 0) time.after(60_000, look);
      };
      time.after(60_000, look);
      // Ten minutes of virtual time are far more than any program here takes.
      time.after(3_600_000, () => resolve("stuck: nothing happens, but somebody waits"));
    });
  }

  /** A program: all works at once; killed and started again, as the faults say. */
  async #client(_name: string): Promise<void> {
    const { faults, time } = this.#world;
    const kills = faults.has("kill-client") ? 1 + faults.stream("kill-client").below(2) : 0;
    for (let life = 0; ; life++) {
      const client = this.#world.client();
      this.#live.add(client);
      const program = new Program(client, this.#world, this.#random.split(client.pid));
      const ended = program.run(this.#works).then((problems) => ({ problems }));
      const killed =
        life < kills
          ? new Promise<"killed">((resolve) => {
              const afterMs = 60 * faults.stream("kill-client").next();
              time.after(afterMs, () => resolve("killed"));
            })
          : new Promise<never>(() => undefined);
      let end = await Promise.race([ended, killed]);
      // What a killed clean-up leaves behind belongs to no run, and noise would disagree with it, by nature.
      if (end === "killed" && program.cleansUp && faults.has("noise")) end = await ended;
      this.#live.delete(client);
      if (end !== "killed") {
        this.#problems.push(...end.problems);
        return;
      }
      client.kill();
      await this.#tearJournals();
    }
  }

  /** What a dying process may leave behind: a record that is not whole. */
  async #tearJournals(): Promise<void> {
    const { runs, faults } = this.#world;
    for (const name of await runs.list("runs/")) {
      if (!name.endsWith("/journal") || faults.stream("kill-client").next() < 0.5) continue;
      runs.append(name, Uint8Array.of(200, 0, 0, 0, 1, 2, 3, 4, 5, 6));
    }
  }

  /** Finished runs leave nothing behind, where no worker wrote after its time. */
  async #checkStore(): Promise<void> {
    const { faults, runs, store } = this.#world;
    const late: FaultKind[] = ["zombie", "kill-client", "kill", "memory", "lost-reply"];
    late.push("straggler", "twice");
    if (late.some((kind) => faults.has(kind)) || faults.has("bad-task")) return;
    const pinned = new Set<string>();
    for (const name of await runs.list("runs/")) {
      const file = name.endsWith("/record") ? await runs.get(name) : undefined;
      const record = file && decodeRecord(file.bytes);
      for (const pin of record?.pins ?? []) pinned.add(pin);
    }
    for await (const { key } of store.list("tmp/")) {
      // Runs that were cut off keep what whoever resumes them will use.
      if (!pinned.has(key.split("/")[2] ?? "")) this.#problems.push(`a finished run left ${key}`);
    }
  }
}

/** One life of a client process. */
class Program {
  readonly #backend: Backend;
  readonly #world: World;
  readonly #random: Random;
  readonly #keeper: RunKeeper;
  readonly #driver: Driver;
  readonly #problems: string[] = [];
  /** The first run is over and what it stored is being deleted. */
  cleansUp = false;

  constructor(client: SimulatedClient, world: World, random: Random) {
    this.#backend = client.backend;
    this.#world = world;
    this.#random = random;
    this.#keeper = createKeeper(client.backend, {
      host: "here",
      pid: client.pid,
      isAlive: (pid) => world.isAlive(pid),
    });
    this.#driver = createDriver({
      backend: client.backend,
      keeper: this.#keeper,
      readSummary: (key) => this.#summary(key),
      checkInvariants: true,
    });
  }

  async run(works: readonly Work[]): Promise<string[]> {
    await Promise.all(
      works.map((work, at) =>
        this.#job(work, at).catch((error: unknown) => {
          this.#problems.push(`job ${at}: ${describeError(error)}`);
        }),
      ),
    );
    await this.#driver.close();
    await this.#keeper.close();
    return this.#problems;
  }

  async #job(work: Work, at: number): Promise<void> {
    const { faults, time } = this.#world;
    const key = nameOf([at, work.targets.map(({ node, indexes }) => [node.expr.name, indexes])]);
    const run = await this.#keeper.open({ key, name: `job ${at}` });
    if (run.journal !== undefined) this.#driver.recall(run.journal);
    const chunks = work.targets.map(() => new Map<number, FinishedChunk>());
    const ends = work.targets.map(() => new Map<number, string>());
    const handle = this.#driver.submit({
      run: run.run,
      name: `job ${at}`,
      plan: this.#plan(work),
      lookForChunks: run.resumed,
      journal: true,
      keep: "none",
      onError: work.onError,
      onChunk: (target, chunk) => chunks[target]?.set(chunk.index, chunk),
      onChunkFailed: (target, index, outcome) =>
        ends[target]?.set(index, outcome === "cancelled" ? outcome : outcome.failure.kind),
    });
    if (faults.happens("cancel")) time.after(30 * this.#random.next(), () => handle.cancel());
    const outcomes = await handle.outcomes;
    for (const [target, { node, indexes }] of work.targets.entries()) {
      const outcome = outcomes[target];
      if (outcome === undefined) throw new Error(`target ${target} has no outcome`);
      const told = outcome.kind === "done" ? outcome.chunks : [...(chunks[target]?.values() ?? [])];
      await this.#checkChunks(told, { handle, target, node });
      const wanted: number[] = [];
      forEachIndex(indexes, node.chunks.length, (index) => wanted.push(index));
      const fails = wanted.filter((index) => node.chunks[index] === "fails");
      const what = `job ${at} target ${target}`;
      if (outcome.kind === "done") {
        if (told.length !== wanted.length) this.#problems.push(`${what}: chunks are missing`);
        if (fails.length > 0) this.#problems.push(`${what}: done, but ${fails} cannot be`);
      } else if (outcome.kind === "refused") {
        this.#problems.push(`${what}: refused: ${describeError(outcome.error)}`);
      } else if (outcome.kind === "cancelled") {
        if (!faults.has("cancel")) this.#problems.push(`${what}: cancelled by nobody`);
      } else this.#checkFailed(what, { work, fails, ends: ends[target] ?? new Map(), outcome });
    }
    const isCancelled = outcomes.some((outcome) => outcome.kind === "cancelled");
    this.cleansUp = true;
    handle.release();
    await this.#driver.afterDeletions(() => (isCancelled ? run.leave() : run.finish()));
  }

  #checkFailed(
    what: string,
    facts: {
      readonly work: Work;
      readonly fails: readonly number[];
      readonly ends: ReadonlyMap<number, string>;
      readonly outcome: { readonly failure: { readonly failure: { readonly kind: string } } };
    },
  ): void {
    const { work, fails, ends, outcome } = facts;
    const anyFails = work.targets.some(({ node }) => node.chunks.includes("fails"));
    if (outcome.failure.failure.kind !== "user") {
      const { failure } = outcome.failure;
      this.#problems.push(`${what}: failed as ${JSON.stringify(failure)}`);
    } else if (!anyFails) this.#problems.push(`${what}: failed, but nothing in it fails`);
    else if (work.onError === "continue" && fails.length === 0) {
      this.#problems.push(`${what}: failed, though only others do`);
    }
    if (work.onError === "fail") return;
    for (const [index, kind] of ends) {
      if (kind === "user" && !fails.includes(index)) {
        this.#problems.push(`${what}: index ${index} failed, though it does not`);
      }
    }
  }

  async #checkChunks(
    chunks: readonly FinishedChunk[],
    { handle, target, node }: { handle: JobHandle; target: number; node: Node },
  ): Promise<void> {
    for (const chunk of chunks) {
      const read = await readChunk(chunk, { store: this.#backend.store, handle, target });
      const expected: Expected = node.chunks[chunk.index] ?? "fails";
      const found = read.kind === "value" ? read.value : `failed: ${read.failure.failure.kind}`;
      if (JSON.stringify(found) === JSON.stringify(expected)) continue;
      const got = JSON.stringify(found);
      this.#problems.push(
        `target ${target} index ${chunk.index}: ${got}, not ${JSON.stringify(expected)}`,
      );
    }
  }

  #plan({ targets }: Work): CheckedPlan {
    const plan = planTargets({
      targets: targets.map(({ node, indexes }) => ({ expr: node.expr, indexes })),
      limits: this.#world.limits,
      options: { reduceFanIn: 3, directPartsMax: 6 },
      nextStageId: () => this.#driver.nextStageId(),
      stageNamed: (name) => this.#driver.stageNamed(name),
      runNonce: "simulation",
    });
    return {
      first: partlyStored(plan.first),
      targetCount: plan.targetCount,
      expand: (manifest) => partlyStored(plan.expand(manifest)),
    };
  }

  async #summary(key: ChunkKey): ReturnType<Parameters<typeof createDriver>[0]["readSummary"]> {
    const bytes = await this.#backend.store.get(key);
    if (bytes === undefined) return undefined;
    try {
      return await readSummary({
        end: async (length) => bytes.subarray(Math.max(0, bytes.length - length)),
        range: async (offset, length) => bytes.subarray(offset, offset + length),
        whole: async () => bytes,
        corrupt: corruptChunk,
      });
    } catch {
      return undefined;
    }
  }
}

/** Half of the stages write even small chunks to the store: otherwise these programs would never use it. */
function partlyStored(fragment: Fragment): Fragment {
  const stages = fragment.stages.map((stage) => {
    const store = Number.parseInt(stage.name.slice(0, 2), 16) % 2 === 0;
    return { ...stage, options: { ...stage.options, store } };
  });
  return { ...fragment, stages };
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
