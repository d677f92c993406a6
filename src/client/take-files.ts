import type { Backend, FilesAway } from "../backend/backend.ts";
import type { SourceFile } from "../backend/byte-source.ts";
import type { Expr } from "../plan/expr.ts";

/** Makes the files that `exprs` read readable for the backend's workers, where these do not see this machine. */
export async function takeFiles(
  backend: Backend,
  exprs: readonly Expr[],
): Promise<FilesAway | undefined> {
  if (backend.takeFiles === undefined) return undefined;
  const files: SourceFile[] = [];
  const seen = new Set<Expr>();
  const left = [...exprs];
  for (let expr = left.pop(); expr !== undefined; expr = left.pop()) {
    if (seen.has(expr)) continue;
    seen.add(expr);
    // What readers of files note of themselves.
    if (Array.isArray(expr.meta["files"])) files.push(...(expr.meta["files"] as SourceFile[]));
    left.push(...expr.children);
  }
  return await backend.takeFiles(files);
}
