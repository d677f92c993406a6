import type { Session } from "node:inspector";
import { createRequire } from "node:module";
import vm from "node:vm";
import { present } from "../base/assert.ts";
import { requireSupportedRuntime } from "./runtime.ts";

/** One scope around a function, innermost first, as V8 keeps it: `object` holds the live values. */
export interface FunctionScope {
  /** `Module`, `Block`, `Script`, `Global`, `Closure (name)`, … */
  readonly description: string;
  readonly object: Record<string, unknown>;
}

/** What V8 knows of a function. Lines and columns count from 0. */
export type FunctionInside =
  | {
      readonly kind: "plain";
      readonly scriptId: string;
      readonly line: number;
      readonly column: number;
      readonly scopes: readonly FunctionScope[];
    }
  | {
      readonly kind: "bound";
      readonly target: unknown;
      readonly boundThis: unknown;
      readonly boundArguments: readonly unknown[];
    }
  | { readonly kind: "proxy" }
  | { readonly kind: "native" };

/** A script as V8 loaded it. */
export interface ScriptSource {
  readonly url: string;
  readonly text: string;
  readonly sourceMapUrl: string;
  readonly startLine: number;
  readonly startColumn: number;
}

interface RemoteValue {
  readonly type: string;
  readonly subtype?: string;
  readonly value?: unknown;
  readonly objectId?: string;
  readonly unserializableValue?: string;
}
interface InternalProperty {
  readonly name: string;
  readonly value?: RemoteValue;
}
interface Properties {
  readonly result: readonly { readonly name: string }[];
  readonly internalProperties?: readonly InternalProperty[];
  readonly privateProperties?: readonly { readonly name: string; readonly value?: RemoteValue }[];
}
interface Location {
  readonly scriptId: string;
  readonly lineNumber: number;
  readonly columnNumber?: number;
}

const slotKey = "lambdask.inspect";
const group = "lambdask";

/** The one session of this process. It opens no port; the Debugger domain is on only while a script is looked up. */
let session: Session | undefined;
/** Where values pass between the inspector and us: one for all copies of this library in the process. */
let slot: { given: unknown; taken: unknown } = { given: undefined, taken: undefined };

function open(): Session {
  if (session) return session;
  requireSupportedRuntime();
  const inspector = createRequire(import.meta.url)("node:inspector") as {
    Session: new () => Session;
  };
  session = new inspector.Session();
  session.connect();
  // The main context's global: test frameworks run code in other ones.
  const main = vm.runInThisContext("globalThis") as object;
  const key = Symbol.for(slotKey);
  const shared = (main as { [key: symbol]: typeof slot })[key];
  if (shared) slot = shared;
  else Object.defineProperty(main, key, { value: slot });
  return session;
}

/** A same-thread session answers before `post` returns. */
function post<Result>(method: string, parameters?: object): Result {
  let answer: { error: Error | null; result: Result } | undefined;
  const opened = open() as unknown as {
    post(m: string, p: object | undefined, done: (e: Error | null, r: Result) => void): void;
  };
  opened.post(method, parameters, (error, result) => {
    answer = { error, result };
  });
  const { error, result } = present(answer, `the inspector's synchronous answer to ${method}`);
  if (error) throw error;
  return result;
}

const take = `function(){globalThis[Symbol.for("${slotKey}")].taken=this}`;

function remoteValue(remote: RemoteValue | undefined): unknown {
  if (remote?.objectId !== undefined) {
    post("Runtime.callFunctionOn", {
      objectId: remote.objectId,
      functionDeclaration: take,
      silent: true,
    });
    const { taken } = slot;
    slot.taken = undefined;
    return taken;
  }
  const special = remote?.unserializableValue;
  if (special === undefined) return remote?.subtype === "null" ? null : remote?.value;
  return special.endsWith("n") ? BigInt(special.slice(0, -1)) : Number(special);
}

function propertiesOf(
  value: unknown,
  options: { nonIndexedPropertiesOnly?: boolean } = {},
): Properties {
  open();
  slot.given = value;
  const { result } = post<{ result: { objectId: string } }>("Runtime.evaluate", {
    expression: `globalThis[Symbol.for("${slotKey}")].given`,
    objectGroup: group,
    silent: true,
  });
  slot.given = undefined;
  return post("Runtime.getProperties", {
    objectId: result.objectId,
    ownProperties: true,
    ...options,
  });
}

function release(): void {
  post("Runtime.releaseObjectGroup", { objectGroup: group });
}

/** What V8 knows of `fn`; runs none of the user's code. */
export function inspectFunction(fn: object): FunctionInside {
  const found = new Map<string, RemoteValue>();
  for (const { name, value } of propertiesOf(fn).internalProperties ?? []) {
    if (value) found.set(name, value);
  }
  try {
    if (found.has("[[Handler]]")) return { kind: "proxy" };
    if (found.has("[[TargetFunction]]")) {
      return {
        kind: "bound",
        target: remoteValue(found.get("[[TargetFunction]]")),
        boundThis: remoteValue(found.get("[[BoundThis]]")),
        boundArguments: copied(remoteValue(found.get("[[BoundArgs]]")) as ArrayLike<unknown>),
      };
    }
    const location = found.get("[[FunctionLocation]]")?.value as Location | undefined;
    const scopes = found.get("[[Scopes]]");
    if (!location || !scopes) return { kind: "native" };
    return {
      kind: "plain",
      scriptId: location.scriptId,
      line: location.lineNumber,
      column: location.columnNumber ?? 0,
      scopes: copied(remoteValue(scopes) as ArrayLike<FunctionScope>),
    };
  } finally {
    release();
  }
}

function copied<T>(list: ArrayLike<T>): T[] {
  return Array.prototype.slice.call(list) as T[];
}

/** The names of the private fields that `object` has, with their `#`. */
export function privateFields(object: object): string[] {
  const names = (propertiesOf(object).privateProperties ?? []).map((property) => property.name);
  release();
  return names;
}

/** The private static fields that a class has, as they are now. */
export function privateStatics(fn: object): [name: string, value: unknown][] {
  const found: [string, unknown][] = [];
  try {
    for (const { name, value } of propertiesOf(fn).privateProperties ?? []) {
      if (value) found.push([name, remoteValue(value)]);
    }
    return found;
  } finally {
    release();
  }
}

/** Below this it is faster to list all keys than to ask V8 for those that are no index. */
const longMin = 500;

/** How many own properties `object` has besides its elements and an array's length. */
export function extraPropertyCount(object: object): number {
  const elements = Array.isArray(object) || ArrayBuffer.isView(object);
  const length = elements && "length" in object ? Number(object.length) : 0;
  const own = Array.isArray(object) ? 1 : 0;
  if (length < longMin) return Reflect.ownKeys(object).length - length - own;
  const { result } = propertiesOf(object, { nonIndexedPropertiesOnly: true });
  release();
  return result.length - own;
}

interface ParsedScript {
  readonly scriptId: string;
  readonly url: string;
  readonly sourceMapURL?: string | undefined;
  readonly startLine: number;
  readonly startColumn: number;
}

const parsed = new Map<string, ParsedScript>();
let listening = false;

/** The script with this id, by a brief use of the Debugger domain: costly, so ask once per script. */
export function scriptSource(scriptId: string): ScriptSource | undefined {
  if (!listening) {
    listening = true;
    open().on("Debugger.scriptParsed", ({ params }) => {
      parsed.set(params.scriptId, params);
    });
  }
  post("Debugger.enable", { maxScriptsCacheSize: 0 });
  try {
    const script = parsed.get(scriptId);
    if (!script) return undefined;
    const { scriptSource: text } = post<{ scriptSource: string }>("Debugger.getScriptSource", {
      scriptId,
    });
    const { url, sourceMapURL: sourceMapUrl = "", startLine, startColumn } = script;
    return { url, text, sourceMapUrl, startLine, startColumn };
  } finally {
    post("Debugger.disable");
  }
}
