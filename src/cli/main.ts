#!/usr/bin/env node
import { requireNode } from "../base/require-node.ts";
import { printError } from "./print-error.ts";

try {
  requireNode();
  const { runCommand } = await import("./run-command.ts");
  process.exitCode = await runCommand(process.argv.slice(2));
} catch (error) {
  printError(error);
  process.exitCode = 1;
}
