// Loaded before a program: no straggler gets a backup, so that nothing runs twice but what a kill interrupts.
import { patchSource } from "../../support/patch-source.ts";

patchSource({
  file: "schedule/stages.ts",
  text: "export const speculationTasksMin = 10;",
  replacement: "export const speculationTasksMin = Number.POSITIVE_INFINITY;",
});
