import { isLambdaskError } from "../base/errors.ts";
import type { JobHandle } from "../schedule/driver.ts";
import type { ActiveJobs } from "./engine.ts";
import type { InFlight } from "./in-flight.ts";

/** How long running tasks may go on after Ctrl-C. */
const graceMs = 10_000;

/**
 * Jobs that somebody waits for. While there are any, and the program has no SIGINT handler of its own: the first
 * Ctrl-C starts no more tasks and waits for those that run, the second one ends the program at once.
 */
export class InterruptibleJobs implements ActiveJobs {
  readonly #inFlight: InFlight;
  readonly #jobs = new Set<JobHandle>();
  #interrupted = false;
  #listening = false;
  #grace: NodeJS.Timeout | undefined;

  constructor(inFlight: InFlight) {
    this.#inFlight = inFlight;
  }

  get interrupted(): boolean {
    return this.#interrupted;
  }

  async quiet(): Promise<void> {
    if (this.#interrupted) await this.#inFlight.idle();
  }

  add(handle: JobHandle): void {
    this.#jobs.add(handle);
    if (this.#listening || process.listenerCount("SIGINT") > 0) return;
    process.on("SIGINT", this.#onSignal);
    this.#listening = true;
  }

  delete(handle: JobHandle): void {
    this.#jobs.delete(handle);
    if (this.#jobs.size === 0) this.#stopListening();
  }

  readonly #onSignal = (): void => {
    if (this.#interrupted) {
      endBySignal();
      return;
    }
    this.#interrupted = true;
    process.on("uncaughtExceptionMonitor", endAsInterrupted);
    process.stderr.write(
      "\ninterrupted: no more tasks are started, those that run may finish (press Ctrl-C again to quit now)\n" +
        "run the same program again to resume\n",
    );
    for (const job of this.#jobs) job.cancel();
    this.#grace = setTimeout(endBySignal, graceMs).unref();
  };

  #stopListening(): void {
    clearTimeout(this.#grace);
    if (!this.#listening) return;
    process.off("SIGINT", this.#onSignal);
    this.#listening = false;
  }
}

/** What shells see of a program that Ctrl-C has ended, if it does nothing else about it. */
function endAsInterrupted(error: unknown): void {
  if (!isLambdaskError(error, "CANCELLED")) return;
  process.once("exit", () => {
    process.exitCode = 130;
  });
}

/** Dies of the signal itself, so that a shell that runs programs one after another stops too. */
function endBySignal(): void {
  process.removeAllListeners("SIGINT");
  process.kill(process.pid, "SIGINT");
}
