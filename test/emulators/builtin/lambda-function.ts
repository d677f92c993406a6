import { type EnvironmentCall, LambdaEnvironment } from "./lambda-environment.ts";
import type { FunctionResult, FunctionSettings } from "./lambda-settings.ts";

/** Environments at once where nothing is reserved: this is one machine. */
const environmentsMax = 16;

/** One deployed function and its environments. */
export class LambdaFunction {
  #settings: FunctionSettings;
  readonly #idle: LambdaEnvironment[] = [];
  readonly #all = new Set<LambdaEnvironment>();
  #busy = 0;
  /** Calls that were given to an environment. */
  executions = 0;
  /** Environments that were started. */
  coldStarts = 0;
  /** Environments that were busy at once, at most. */
  busyMost = 0;
  /** All that its processes printed while they ran calls. */
  printed = "";

  constructor(settings: FunctionSettings) {
    this.#settings = settings;
  }

  get settings(): FunctionSettings {
    return this.#settings;
  }

  /** The processes of its environments, for tests that end them. */
  get pids(): number[] {
    return [...this.#all].flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Runs a call in an idle environment or a new one; `undefined`: as many as there may be are busy. */
  async run(call: EnvironmentCall): Promise<FunctionResult | undefined> {
    if (this.#busy >= (this.#settings.reservedConcurrency ?? environmentsMax)) return undefined;
    this.#busy += 1;
    this.busyMost = Math.max(this.busyMost, this.#busy);
    const environment = this.#idleOne() ?? this.#newOne();
    this.executions += 1;
    try {
      const result = await environment.run(call);
      this.printed += result.logs;
      return result;
    } finally {
      this.#busy -= 1;
      if (environment.ended) this.#all.delete(environment);
      else this.#idle.push(environment);
    }
  }

  /** Changes the settings; with other variables or limits, environments start anew. */
  async replace(settings: FunctionSettings): Promise<void> {
    const { reservedConcurrency: _, ...before } = this.#settings;
    const { reservedConcurrency: __, ...after } = settings;
    this.#settings = settings;
    if (JSON.stringify(before) !== JSON.stringify(after)) await this.endIdle();
  }

  /** Ends the idle environments: resolves when their processes are gone, and whatever comes next starts anew. */
  async endIdle(): Promise<void> {
    const idle = this.#idle.splice(0);
    for (const environment of idle) this.#all.delete(environment);
    await Promise.all(idle.map((environment) => environment.close()));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => environment.close()));
  }

  #idleOne(): LambdaEnvironment | undefined {
    for (;;) {
      const environment = this.#idle.pop();
      if (environment === undefined || !environment.ended) return environment;
      this.#all.delete(environment);
    }
  }

  #newOne(): LambdaEnvironment {
    const environment = new LambdaEnvironment(this.#settings);
    this.#all.add(environment);
    this.coldStarts += 1;
    return environment;
  }
}
