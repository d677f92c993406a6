import type { ErrorData } from "../backend/failure.ts";

type ErrorMaker = new (message: string) => Error;

/** Built-in classes that a rebuilt error is an instance of. */
const builtIns: Readonly<Record<string, ErrorMaker>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

const causesMax = 20;

/**
 * What the worker caught, thrown again here: an instance of the same built-in class (else of Error, with the name of
 * the original class), with message, stack, own fields, cause and the errors of an AggregateError. What was no Error
 * is given as it was.
 */
export function rebuildError(data: ErrorData, depth = 0): unknown {
  if (data.name === "" && "thrown" in data) return data.thrown;
  const error = instance(data, depth);
  define(error, "message", data.message);
  if (error.name !== data.name) define(error, "name", data.name);
  define(error, "stack", data.stack);
  for (const [field, value] of Object.entries(data.fields)) {
    if (!(field in error)) Object.assign(error, { [field]: value });
  }
  if (data.cause !== undefined && depth < causesMax) {
    define(error, "cause", rebuildError(data.cause, depth + 1));
  }
  return error;
}

function instance(data: ErrorData, depth: number): Error {
  if (data.errors !== undefined) {
    return new AggregateError(
      data.errors.map((inner) => rebuildError(inner, depth + 1)),
      data.message,
    );
  }
  const Maker = Object.hasOwn(builtIns, data.name) ? builtIns[data.name] : undefined;
  return Maker ? new Maker(data.message) : new Error(data.message);
}

function define(error: Error, field: string, value: unknown): void {
  Object.defineProperty(error, field, { value, writable: true, configurable: true });
}
