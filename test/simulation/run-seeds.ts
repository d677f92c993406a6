import { parseArgs } from "node:util";

/** Runs seeds until one finds something wrong; prints as the simulation does. */
export async function runSeeds(
  violationOf: (seed: number) => Promise<string | undefined>,
): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: "string", default: "100" } } });
  const seeds = Number(values.seeds);
  let violations = 0;
  for (let seed = 1; seed <= seeds && violations === 0; seed++) {
    const told = await violationOf(seed);
    if (told === undefined) continue;
    violations++;
    console.log(`seed ${seed}: ${told}`);
  }
  console.log(`simulation: ${seeds} seeds, ${violations} violations`);
  process.exitCode = violations === 0 ? 0 : 1;
}
