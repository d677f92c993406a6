#!/usr/bin/env node
import { requireNode } from "../base/require-node.ts";
import { printError } from "./print-error.ts";

// Whoever reads this has read enough: `lambdask gc | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  requireNode();
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(process.argv.slice(2));
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
