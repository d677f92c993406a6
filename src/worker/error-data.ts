import type { ErrorData } from "../backend/failure.ts";
import { workerFile } from "../backend/failure.ts";
import { encodeValue } from "../chunk/value-codec.ts";

/** Causes and gathered errors are followed this deep. */
const depthMax = 10;
const gatheredMax = 100;
const textLengthMax = 64 * 1024;
const fieldBytesMax = 16 * 1024;
const fieldsBytesMax = 64 * 1024;

/** The file that a worker on Lambda is, if this runs there: all of its own frames are in it. */
const ownFile = import.meta.url.endsWith(workerFile.replace(/^.*:/, "/"))
  ? import.meta.url
  : workerFile;

const saidElsewhere = new Set(["name", "message", "stack", "cause", "errors"]);

/** What was thrown, as data that crosses processes: never throws itself, and never grows large. */
export function errorData(thrown: unknown, depth = 0): ErrorData {
  try {
    return thrown instanceof Error ? dataOfError(thrown, depth) : dataOfNoError(thrown);
  } catch {
    // A proxy may throw at any look at it, its class included.
    return { name: "", message: "something that cannot be looked at", stack: "", fields: {} };
  }
}

function dataOfError(thrown: Error, depth: number): ErrorData {
  const fields = plainFields(thrown);
  const cause = depth < depthMax ? causeOf(thrown) : undefined;
  const errors = depth < depthMax ? gatheredBy(thrown) : undefined;
  return {
    name: className(thrown),
    message: text(thrown, "message"),
    // The client cannot know the folder that a function lies in.
    stack: text(thrown, "stack").replaceAll(ownFile, workerFile),
    fields,
    ...(cause === undefined ? {} : { cause: errorData(cause, depth + 1) }),
    ...(errors === undefined ? {} : { errors: errors.map((error) => errorData(error, depth + 1)) }),
  };
}

function dataOfNoError(thrown: unknown): ErrorData {
  const message = inWords(thrown);
  const data = { name: "", message, stack: "", fields: {} };
  return encodedBytes(thrown) <= fieldsBytesMax ? { ...data, thrown } : data;
}

/** `error.name` where it says something; else the class's own name: many classes forget to set it. */
function className(error: Error): string {
  const name = text(error, "name");
  if (name !== "" && name !== "Error") return name;
  const maker = read(error, "constructor");
  return typeof maker === "function" && maker.name !== "" ? maker.name : "Error";
}

function causeOf(error: Error): unknown {
  return "cause" in error ? read(error, "cause") : undefined;
}

function gatheredBy(error: Error): readonly unknown[] | undefined {
  if (!(error instanceof AggregateError)) return undefined;
  const errors = read(error, "errors");
  return Array.isArray(errors) ? errors.slice(0, gatheredMax) : [];
}

/** Own fields that are plain data and not too large. */
function plainFields(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  let bytes = 0;
  for (const key of Object.keys(error)) {
    if (saidElsewhere.has(key)) continue;
    const value = read(error, key);
    const size = encodedBytes(value);
    if (size > fieldBytesMax || bytes + size > fieldsBytesMax) continue;
    bytes += size;
    Object.defineProperty(fields, key, { value, enumerable: true });
  }
  return fields;
}

/** Bytes of a value as data; infinite if it is none. */
function encodedBytes(value: unknown): number {
  try {
    return encodeValue(value).length;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function text(error: Error, key: string): string {
  const value = read(error, key);
  return typeof value === "string" ? value.slice(0, textLengthMax) : "";
}

/** A property whose getter may throw. */
function read(target: object, key: string): unknown {
  try {
    return Reflect.get(target, key);
  } catch {
    return undefined;
  }
}

function inWords(thrown: unknown): string {
  try {
    return String(thrown).slice(0, textLengthMax);
  } catch {
    return "something that cannot be written as text";
  }
}
