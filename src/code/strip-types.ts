import module from "node:module";

/** TypeScript source as Node runs it, types blanked out. */
export function withoutTypes(text: string): string {
  // Node warns that the function is experimental, which the user need not read.
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return module.stripTypeScriptTypes(text);
  } finally {
    process.emitWarning = emitWarning;
  }
}
