import { createHash } from "node:crypto";
import fs, { readFileSync } from "node:fs";
import * as path from "node:path";
import * as dates from "date-fns";
import dayjs from "dayjs";
import { Decimal } from "decimal.js";
import _ from "lodash";
import { flow, groupBy } from "lodash-es";
import pLimit from "p-limit";
import { z } from "zod";
import { CaseList, type MatrixCase } from "./case.ts";
import { makeAdder, shared, twice, usesModuleVariable } from "./helper.ts";
import { ready } from "./ready.ts";

const list = new CaseList();

/** Built-ins, npm packages, local modules. */
export const importCases: readonly MatrixCase[] = list.cases;

const squareRoot = Math.sqrt;
const { max } = Math;
const groupAlias = groupBy;
const memberAlias = _.chunk;
const { join } = path;
const parity = (q: number): string => (q % 2 ? "o" : "e");

list.works("native alias", () => (x: number) => squareRoot(x) + max(1, 2), [16]);
list.works("native direct", () => Math.sqrt, [16]);
list.works("npm named import", () => (x: number[]) => groupBy(x, parity), [[1, 2, 3]]);
list.works("npm default import", () => (x: number[]) => _.sum(x), [[1, 2, 3]]);
list.works("npm namespace import", () => () => dates.addDays(new Date(0), 1).getTime());
list.works(
  "npm alias",
  () => (x: number[]) => [Object.keys(groupAlias(x, parity)).length, memberAlias(x, 2).length],
  [[1, 2, 3]],
);
list.works("npm function direct", () => _.sum, [[1, 2, 3]]);
list.works("built-in imports", () => () => [
  readFileSync("/etc/hostname", "utf8").length,
  fs.existsSync("/etc"),
  path.basename("/a/b"),
  createHash("md5").update("x").digest("hex"),
]);
list.works("built-in alias", () => () => join("a", "b"));
list.works("local import", () => (x: number) => twice(x), [4]);
list.works("local import with state", () => () => shared.get("a"));
list.works("closure made by an imported function", () => {
  const add5 = makeAdder(5);
  return (x: number) => add5(x);
}, [1]);
list.works("imported function direct", () => usesModuleVariable, [2]);
list.works("dynamic import", () => async () => {
  const a = await import("node:os");
  const b = await import("lodash-es");
  const c = await import("./helper.ts");
  return [typeof a.cpus, b.sum([1, 2]), c.twice(4)];
});
list.works("import of a module with top-level await", () => () => ready);

const schema = z.object({ a: z.number() });
const pipeline = flow([(x: number) => x + 1, (x: number) => x * 2]);
const limit = pLimit(2);
const day = dayjs("2026-01-02");
const dec = new Decimal("1.5");
const npmMade = /npm package|cannot be copied[\s\S]*perWorker/;

list.refused("zod schema of the module", () => (x: object) => schema.parse(x), npmMade);
list.refused("lodash flow of the module", () => (x: number) => pipeline(x), npmMade);
list.refused("p-limit of the module", () => async (x: number) => limit(async () => x + 1), npmMade);
list.refused("dayjs instance of the module", () => () => day.format("YYYY"), npmMade);
list.works("decimal.js instance", () => () => dec.times(2).toString());
