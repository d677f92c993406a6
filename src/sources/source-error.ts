import { isLambdaskError, LambdaskError } from "../base/errors.ts";
import { systemCode } from "../base/system-code.ts";

/** What is wrong with a file. `mayPass`: another try of the same read may succeed. */
interface SourceProblem {
  readonly what: string;
  readonly fix: string;
  readonly cause?: unknown;
  readonly mayPass?: true;
}

/** A SOURCE error: what is wrong with the file at `url`, and what to do. */
export function sourceError(url: string, problem: SourceProblem): LambdaskError {
  return new LambdaskError("SOURCE", {
    message: `${url}: ${problem.what}`,
    fix: problem.fix,
    ...(problem.cause === undefined ? {} : { cause: problem.cause }),
    data: { url, ...(problem.mayPass === undefined ? {} : { mayPass: true }) },
  });
}

const known: Readonly<Record<string, { readonly what: string; readonly fix: string }>> = {
  ENOENT: { what: "there is no such file", fix: "check the path and the working directory" },
  ENOTDIR: { what: "there is no such file", fix: "check the path: one of its folders is a file" },
  EACCES: { what: "no permission", fix: "give this user permission to it" },
  EPERM: { what: "not permitted", fix: "give this user permission to it" },
  EISDIR: {
    what: "it is a folder",
    fix: 'name a file, or files with a pattern such as "folder/*.txt"',
  },
  ENOSPC: { what: "the disk is full", fix: "free space, or write somewhere else" },
  EFBIG: {
    what: "it is larger than its file system or a limit of this process (ulimit -f) allows",
    fix: "raise the limit, or write somewhere else",
  },
  EDQUOT: { what: "the disk quota is used up", fix: "free space, or write somewhere else" },
  EROFS: { what: "the file system is read-only", fix: "write somewhere else" },
  ENAMETOOLONG: { what: "the path is too long", fix: "use a shorter path" },
  ELOOP: { what: "its links lead in a circle", fix: "check the symbolic links" },
};

/** A failed system call on the file at `url`: a SOURCE error if no retry can cure it, else the error as it came. */
export function fromSystemError(url: string, error: unknown): unknown {
  const problem = known[systemCode(error)];
  return problem === undefined ? error : sourceError(url, { ...problem, cause: error });
}

/** The file at `url` is not what it was when the work was planned. */
export function changedError(url: string): LambdaskError {
  return sourceError(url, {
    what: "it has changed since this work was planned",
    fix: "run the program again, and let the file rest meanwhile",
  });
}

/** What reading or writing the file at `url` threw, as a SOURCE error: as it came if it has a code of ours. */
export function transferError(url: string, done: "read" | "written", error: unknown): unknown {
  if (isLambdaskError(error)) return error;
  return sourceError(url, {
    what: `it could not be ${done}: ${reasonOf(error).replace(`${url}: `, "")}`,
    fix: "check the disk or the network that it is on, and run the program again",
    cause: error,
    mayPass: true,
  });
}

/** `fetch` says no more than that it failed: why is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
