import type { MatrixCase } from "./case.ts";
import { classCases } from "./classes.ts";
import { dataCases } from "./data.ts";
import { importCases } from "./imports.ts";
import { refusalCases } from "./refusals.ts";
import { scopeCases } from "./scopes.ts";
import { valueCases } from "./values.ts";

/** The 92 cases of the matrix. */
export const matrixCases: readonly MatrixCase[] = [
  ...valueCases,
  ...classCases,
  ...dataCases,
  ...importCases,
  ...refusalCases,
];

/** The matrix and the kinds of scope. */
export const allCases: readonly MatrixCase[] = [...matrixCases, ...scopeCases];
