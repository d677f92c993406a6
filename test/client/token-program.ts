/** Prints the tokens of all values, made with their members put in backwards. */
import { tokenize } from "../../src/index.ts";
import { tokenValues } from "./token-values.ts";

const tokens = Object.entries(tokenValues(true)).map(([name, value]) => [
  name,
  tokenize(value, { strict: true }),
]);
process.stdout.write(JSON.stringify(Object.fromEntries(tokens)));
