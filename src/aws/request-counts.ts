import type { LambdaPort } from "./lambda-port.ts";

/** How many requests of each kind a client has sent, each try one: what AWS counts and charges for. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  /** Notes one request of S3, by the name that permissions have for it. */
  readonly s3 = ({ operation }: { readonly operation: string }): void =>
    this.#add(`s3:${operation}`);

  /** The same Lambda, each call of which is noted. */
  of(port: LambdaPort): LambdaPort {
    return {
      ...port,
      invoke: (...call) => {
        this.#add("lambda:Invoke");
        return port.invoke(...call);
      },
    };
  }

  /** The counts so far, by name. */
  read(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }
}
