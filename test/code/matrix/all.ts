import type { MatrixCase } from "./case.ts";
import { classCases } from "./classes.ts";
import { dataCases } from "./data.ts";
import { importCases } from "./imports.ts";
import { refusalCases } from "./refusals.ts";
import { valueCases } from "./values.ts";

/** The whole matrix of the study. */
export const allCases: readonly MatrixCase[] = [
  ...valueCases,
  ...classCases,
  ...dataCases,
  ...importCases,
  ...refusalCases,
];
