/** Where a kind of program gets the library from, and how it is written. */
export interface ScenarioKind {
  /** Of the library: `index.ts` as a URL, or the package's name. */
  readonly library: string;
  readonly bag: string;
  /** Ending of the local module. */
  readonly ending: string;
  readonly style: "modules" | "commonjs" | "vitest";
}

const body = `
const store = process.env.SCENARIO_STORE;
const log = process.env.SCENARIO_LOG;
const factor = 3;
const limits = { most: 3, seen: new Map([["a", 1]]) };
class Account {
  constructor(id) { this.id = id; }
  scaled() { return times(this.id, factor); }
}
const cache = perWorker(() => new Map());
const leaf = delayed((id) => {
  fs.appendFileSync(log, "leaf\\n");
  cache().set(id, id);
  return new Account(id).scaled() + limits.seen.get("a");
});
const sum = delayed((numbers) => numbers.reduce((a, b) => a + b, 0));
const check = delayed((row) => {
  if (row.id > limits.most) {
    throw new RangeError("row " + row.id + " is too big", { cause: "limit" });
  }
  return row.id;
});

async function failure() {
  try {
    await check({ id: 9 }).compute();
  } catch (error) {
    const { cause, code, task } = error;
    const [frame = ""] = cause.stack.split("\\n").filter((line) => /^\\s+at /.test(line));
    return {
      code,
      of: [cause instanceof RangeError, cause.message, cause.cause],
      place: /:(\\d+:\\d+)\\)?$/.exec(frame)?.[1],
      definedAt: /:(\\d+):\\d+$/.exec(task.definedAt)?.[1],
      says: [error.message.includes("defined at"), error.message.includes("asked for at")],
    };
  }
}

function refusal() {
  const pending = Promise.resolve(1);
  try {
    return delayed(() => pending)();
  } catch (error) {
    return [error.code, /\\(used at .*:\\d+:\\d+\\)/.test(error.message)];
  }
}

async function run() {
  const client = await connect({ processes: 2, progress: "none", store });
  const leaves = [1, 2, 3, 4].map((id) => leaf(id));
  const found = {
    delayed: await sum(leaves).compute({ reuse: true }),
    executions: fs.readFileSync(log, "utf8").split("\\n").length - 1,
    bag: await fromSequence([1, 2, 3, 4, 5, 6], { partitions: 3 })
      .map((x) => times(x, factor))
      .filter((x) => x > factor)
      .groupBy((x) => x % 2)
      .map(([odd, group]) => [odd, group.length])
      .compute()
      .then((groups) => groups.sort(([a], [b]) => a - b)),
    futures: await client.gather(client.map((x) => new Account(x).scaled(), [1, 2, 3])),
    error: await failure(),
    refusal: refusal(),
  };
  await client.close();
  return found;
}
`;

/** The scenario as a program of this kind; each line stands where it does in the others. */
export function scenarioProgram(kind: ScenarioKind): string {
  const { library, bag, ending, style } = kind;
  const names = [
    ["fs", "node:fs"],
    ["{ connect, delayed, perWorker }", library],
    ["{ fromSequence }", bag],
    ["{ times }", `./helper.${ending}`],
  ] as const;
  const imports = names.map(([what, from]) =>
    style === "commonjs"
      ? `const ${what} = require(${JSON.stringify(from.replace(/^file:\/\//, ""))});`
      : `import ${what} from ${JSON.stringify(from)};`,
  );
  return [...imports, body, end[style]].join("\n");
}

const end = {
  modules: "console.log(JSON.stringify(await run()));",
  commonjs: "run().then((found) => console.log(JSON.stringify(found)));",
  vitest: `import { test } from "vitest";
const timeout = 120_000; // A busy machine may take its time.
test("the scenario", { timeout }, async () => fs.writeFileSync(process.env.SCENARIO_OUT, JSON.stringify(await run())));`,
} as const;

/** The local module that the scenario imports. */
export function scenarioHelper(style: ScenarioKind["style"]): string {
  return style === "commonjs"
    ? "exports.times = (x, y) => x * y;\n"
    : "export const times = (x, y) => x * y;\n";
}

/** What the scenario must find, by hand. */
export function scenarioExpectation(program: string, executions: number): unknown {
  const lines = program.split("\n");
  const line = lines.findIndex((text) => text.includes("throw new RangeError")) + 1;
  const column = (lines[line - 1]?.indexOf("new RangeError") ?? 0) + 1;
  const defined = lines.findIndex((text) => text.includes("const check")) + 1;
  return {
    // (1 + 2 + 3 + 4) * 3, and 1 for each.
    delayed: 34,
    executions,
    // 6, 9, 12, 15, 18: three even, two odd.
    bag: [
      [0, 3],
      [1, 2],
    ],
    futures: [3, 6, 9],
    error: {
      code: "TASK_FAILED",
      of: [true, "row 9 is too big", "limit"],
      place: `${line}:${column}`,
      definedAt: String(defined),
      says: [true, true],
    },
    refusal: ["CANNOT_SHIP", true],
  };
}
