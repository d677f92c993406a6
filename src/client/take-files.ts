import type { FilesAway } from "../backend/backend.ts";
import type { SourceFile } from "../backend/byte-source.ts";
import type { Expr } from "../plan/expr.ts";
import type { Engine } from "./engine.ts";
import { restored } from "./kept-expr.ts";

/** Makes the files that `exprs` read readable for the backend's workers, where these do not see this machine. */
export async function takeFiles(
  engine: Engine,
  exprs: readonly Expr[],
): Promise<FilesAway | undefined> {
  const { backend } = engine;
  if (backend.takeFiles === undefined) return undefined;
  const files: SourceFile[] = [];
  const seen = new Set<Expr>();
  // Of results that were released, what made them will run again.
  const left = [...restored(engine, exprs).roots];
  for (let expr = left.pop(); expr !== undefined; expr = left.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    // What readers of files note of themselves.
    const { files: own } = expr.meta;
    if (Array.isArray(own)) for (const file of own as SourceFile[]) files.push(file);
    for (const child of expr.children) left.push(child);
  }
  return await backend.takeFiles(files);
}
