import type { Kernel, UserFunction } from "../backend/kernel.ts";
import type { Program, Step } from "../backend/program.ts";
import type { ShippedFunction } from "../backend/shipped-function.ts";
import { present } from "../base/assert.ts";
import { LambdaskError } from "../base/errors.ts";
import type { ContentName } from "../base/ids.ts";
import type { MaybePromise } from "../base/maybe-promise.ts";
import { kernels } from "./kernels.ts";
import { SetUp } from "./set-up.ts";

/** A step whose kernel and functions are at hand. */
export interface LinkedStep {
  readonly kernel: Kernel;
  readonly arguments: Step["arguments"];
  readonly params: unknown;
  readonly functions: readonly UserFunction[];
  readonly shipped: readonly ShippedFunction[];
  /** Earlier steps whose results nobody reads after this one. */
  readonly lastReadOf: readonly number[];
}

/** A program that can run in this process. */
export interface LinkedProgram {
  readonly steps: readonly LinkedStep[];
  /** What must have run in this worker before. */
  readonly setUp: SetUp | undefined;
}

/** Makes a function callable; `bundle` is where it imports from, if not from the user's own files and packages. */
type Link = (shipped: ShippedFunction, bundle?: ContentName) => Promise<UserFunction>;

/** Programs kept by one worker; beyond this the oldest is forgotten. */
const programsMax = 256;

/** Programs by id, each linked once. */
export class LinkedPrograms {
  readonly #link: Link;
  readonly #programs = new Map<ContentName, LinkedProgram>();
  readonly #bundles = new Set<ContentName>();
  /** One for each hook and bundle: each bundle has modules of its own, whose state is to be set up. */
  readonly #setUps = new Map<string, SetUp>();

  constructor(link: Link) {
    this.#link = link;
  }

  /** `program` ready to run, without a promise if it is known. */
  get(program: Program): MaybePromise<LinkedProgram> {
    return this.#programs.get(program.id) ?? this.#linkProgram(program);
  }

  /** Bundles that programs have imported from: what was loaded of them stays loaded. */
  get bundles(): number {
    return this.#bundles.size;
  }

  async #linkProgram(program: Program): Promise<LinkedProgram> {
    const { bundle } = program;
    if (bundle !== undefined) this.#bundles.add(bundle);
    const functions = await Promise.all(
      program.functions.map((shipped) => this.#link(shipped, bundle)),
    );
    const lastReader = lastReaders(program.steps);
    const steps = program.steps.map((step, at): LinkedStep => {
      const positions = step.functions ?? [];
      return {
        kernel: kernelNamed(step.operation),
        arguments: step.arguments,
        params: step.params,
        functions: positions.map((i) => present(functions[i], "a step's function")),
        shipped: positions.map((i) => present(program.functions[i], "a step's function")),
        lastReadOf: resultsRead(step).filter((result) => lastReader.get(result) === at),
      };
    });
    const linked = { steps, setUp: this.#setUpOf(program, functions) };
    this.#programs.set(program.id, linked);
    const [oldest] = this.#programs.keys();
    if (this.#programs.size > programsMax && oldest !== undefined) this.#programs.delete(oldest);
    return linked;
  }

  #setUpOf(program: Program, functions: readonly UserFunction[]): SetUp | undefined {
    const { setUp: position, bundle = "" } = program;
    if (position === undefined) return undefined;
    const shipped = present(program.functions[position], "the function that sets up");
    const key = `${shipped.id} ${bundle}`;
    const known = this.#setUps.get(key);
    if (known !== undefined) return known;
    const made = new SetUp(present(functions[position], "the function that sets up"), shipped);
    this.#setUps.set(key, made);
    return made;
  }
}

function kernelNamed(name: string): Kernel {
  const kernel = Object.hasOwn(kernels, name) ? kernels[name] : undefined;
  if (kernel !== undefined) return kernel;
  throw new LambdaskError("MISMATCH", {
    message: `this worker has no operation "${name}"`,
    fix: "let client and workers run the same version of lambdask",
  });
}

/** Per step whose result is read, the last step that reads it. */
function lastReaders(steps: readonly Step[]): Map<number, number> {
  const last = new Map<number, number>();
  for (const [at, step] of steps.entries()) {
    for (const result of resultsRead(step)) last.set(result, at);
  }
  return last;
}

function resultsRead(step: Step): number[] {
  return step.arguments.flatMap((argument) => ("step" in argument ? [argument.step] : []));
}
