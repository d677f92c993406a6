import { expect, test } from "vitest";
import { ProgramFolder } from "./support/programs.ts";

const said = `const refusal = (fn: () => unknown): string => {
  try {
    capture(fn, { where: "test" });
    return "captured";
  } catch (error) {
    return (error as Error).message;
  }
};
`;

test("an import that leads back to the program's entry is refused, however it is written", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "lib/back.ts": `import { base } from "../main.ts";
export const usesBase = (): number => base + 1;
`,
    "lib/over.ts": `export * from "./back.ts";\n`,
    "lib/types.ts": `import type { Row } from "../main.ts";
export const idOf = (row: Row): number => row.id;
`,
    "main.ts": `import { capture } from "#src/code/capture.ts";
import { usesBase } from "./lib/over.ts";
import { idOf } from "./lib/types.ts";
export const base: number = 1;
export interface Row { readonly id: number }
${said}
console.log(JSON.stringify([
  refusal(() => usesBase()),
  refusal(usesBase),
  refusal(() => [usesBase]),
  refusal(() => import("./main.ts")),
  refusal(() => idOf({ id: 1 })),
]));
`,
  });
  const run = (await folder.run("main.ts")) as string[];
  const again = /imports the file that the program was started with.*main\.ts:16:17\)/;
  const refused = run.map((message) => /started with/.test(message));
  expect(refused).toEqual([true, true, true, true, false]);
  expect(run[0]).toMatch(again);
  expect(run[4]).toBe("captured");
});

test("a module that starts work when it loads fails its task, and starts no workers of workers", async () => {
  await using folder = await ProgramFolder.make();
  await folder.write({
    "starts.ts": `import { connect } from "#src/client/connect.ts";
export const client = await connect({ processes: 1, progress: "none" });
export const double = (n: number): number => 2 * n;
`,
    "main.ts": `import { client, double } from "./starts.ts";
const failure = await client.submit((n: number) => double(n), 1).result().catch((error: unknown) => error);
await client.close();
const told: string[] = [];
for (let at = failure as Error | undefined; at; at = at.cause as Error | undefined) told.push(at.message);
console.log(JSON.stringify(told.join("\\n")));
`,
  });
  expect(await folder.run("main.ts")).toContain(
    "connect: a module that a task imports cannot start work",
  );
});
