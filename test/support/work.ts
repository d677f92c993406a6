import { Session } from "node:inspector";

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

const session = new Session();
session.connect();
// Once, and before anything is run: only functions that are compiled after this count the rounds of their loops.
await post("Profiler.enable");
await post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });

function post(method: string, params = {}): Promise<object> {
  return new Promise((resolve, reject) => {
    session.post(method, params, (error, result) =>
      error === null ? resolve(result ?? {}) : reject(error),
    );
  });
}

/**
 * How often blocks of the sources below `src/<room>` were run by `act`: calls, and rounds of loops. A measure of work
 * that does not depend on the machine. Loops inside built-in functions are not seen.
 */
export async function workOf(rooms: readonly string[], act: () => Promise<void>): Promise<number> {
  await countsOf(rooms);
  await act();
  const work = await countsOf(rooms);
  if (work === 0) throw new Error(`no work was seen in ${rooms.join(" or ")}`);
  return work;
}

/** Counts since the last look. */
async function countsOf(rooms: readonly string[]): Promise<number> {
  const { result } = (await post("Profiler.takePreciseCoverage")) as Coverage; // What the protocol says.
  let work = 0;
  for (const { url, functions } of result) {
    if (!rooms.some((room) => url.includes(`/src/${room}/`))) continue;
    for (const { ranges } of functions) for (const { count } of ranges) work += count;
  }
  return work;
}
