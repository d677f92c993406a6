import { type FaultKind, faultKinds } from "./faults.ts";
import { runScenario } from "./scenario.ts";

/** Leaves out faults, operations and jobs of a failing seed as long as it still fails, and says what is left. */
export async function minimise(seed: number): Promise<string> {
  const without = new Set<FaultKind>();
  let stepsMax = 10;
  let jobsMax = 3;
  const fails = async (options: {
    readonly without?: ReadonlySet<FaultKind>;
    readonly stepsMax?: number;
    readonly jobsMax?: number;
  }): Promise<boolean> => {
    const { violation } = await runScenario({ seed, without, stepsMax, jobsMax, ...options });
    return violation !== undefined;
  };
  for (const kind of faultKinds) {
    if (await fails({ without: new Set([...without, kind]) })) without.add(kind);
  }
  for (const fewer of [1, 2]) {
    if (jobsMax > fewer && (await fails({ jobsMax: fewer }))) jobsMax = fewer;
  }
  for (let steps = 1; steps < stepsMax; steps++) {
    if (await fails({ stepsMax: steps })) stepsMax = steps;
  }
  const { violation, tasks } = await runScenario({ seed, without, stepsMax, jobsMax });
  const left = faultKinds.filter((kind) => !without.has(kind));
  const size = `at most ${jobsMax} jobs, ${stepsMax} operations, ${tasks} tasks`;
  const what = violation?.split("\n")[0] ?? "nothing: it fails only now and then";
  return `smallest: ${size}; faults that matter: ${left.join(", ") || "none"}; ${what}`;
}
