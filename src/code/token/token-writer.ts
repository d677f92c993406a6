import util from "node:util";
import { nameOfBytes } from "../../base/content-name.ts";
import { LambdaskError } from "../../base/errors.ts";
import { globalPath, wellKnownName } from "../built-ins.ts";
import { settingsOf } from "../lazy/call-settings.ts";
import { ownValue } from "../reflection.ts";
import { deepParts } from "./deep-parts.ts";
import { functionIdentity, tokenPrototype } from "./token-class.ts";
import { keyStep, noIdentity, type TokenProblem, type TokenTrail } from "./token-trail.ts";
import { uniqueToken } from "./unique-token.ts";

const { types } = util;

/** How values become tokens. */
export interface TokenRules {
  /** What has no identity by content is refused; otherwise it is told apart by which object it is. */
  readonly strict: boolean;
  /** The token of a lazy value, or what is wrong with it; `undefined` for other values. */
  lazy(value: object): { readonly token: string } | TokenProblem | undefined;
}

const hookKey: unique symbol = Symbol.for("lambdask.tokenize");
/** More levels are written from the inside, as 900 can take the whole stack; more levels of a cycle are refused. */
const depthMax = 500;
/** Thrown for a value of more levels. */
const deepness: unique symbol = Symbol("more levels than are written in one go");
/** Objects inside cycles are written again wherever they are met; beyond this the value is too entangled. */
const cyclicMax = 1_000_000;

/**
 * Writes values as texts: equal values, and only those, have equal texts. Objects become hashes of their texts. An object
 * that is met again inside itself is written as how far up it is, so that no text depends on the order in which members
 * of Sets and Maps were put in.
 */
export class TokenWriter {
  readonly #rules: TokenRules;
  readonly #known = new Map<object, string>();
  /** Objects around what is being written. */
  readonly #around = new Map<object, number>();
  /** How often something that was written names an object around it. */
  #linksBack = 0;
  #cyclicWritten = 0;
  /** The value is a deep one, and its parts were written before it. */
  #partsAreKnown = false;

  constructor(rules: TokenRules) {
    this.#rules = rules;
  }

  /** The text of `value`. */
  write(value: unknown): string {
    try {
      return this.#write(value);
    } catch (error) {
      if (error !== deepness) throw error;
    }
    return this.#writeDeep(value as object);
  }

  /** From the inside, so that the way down is short from wherever one is: what is known is not gone into. */
  #writeDeep(root: object): string {
    this.#partsAreKnown = true;
    const isLeaf = (value: object): boolean =>
      types.isProxy(value) || hookKey in value || this.#rules.lazy(value) !== undefined;
    this.#around.clear();
    for (const part of deepParts(root, isLeaf))
      this.#write(part, { parent: undefined, step: "[…]" });
    return this.#write(root);
  }

  /** The text of `value`, which is at the end of `trail`. */
  #write(value: unknown, trail?: TokenTrail): string {
    switch (typeof value) {
      case "string":
        return value.isWellFormed() ? `s${value.length}:${value}` : `w${JSON.stringify(value)}`;
      case "number":
        return Object.is(value, -0) ? "n-0;" : `n${value};`;
      case "bigint":
        return `i${value};`;
      case "boolean":
        return value ? "t" : "f";
      case "undefined":
        return "U";
      case "symbol":
        return this.#symbol(value, trail);
      case "function":
      case "object":
        return value === null ? "0" : this.#object(value, trail);
    }
  }

  #symbol(symbol: symbol, trail: TokenTrail | undefined): string {
    const registered = Symbol.keyFor(symbol);
    if (registered !== undefined) return `y${registered.length}:${registered}`;
    const known = wellKnownName(symbol);
    if (known !== undefined) return `Y${known};`;
    const problem = "a symbol of its own has no identity by content";
    return this.#unique(symbol, trail, { problem, fix: "use Symbol.for(…), or leave it out" });
  }

  #unique(thing: WeakKey, trail: TokenTrail | undefined, problem: TokenProblem): string {
    if (this.#rules.strict) throw noIdentity(trail, problem);
    return uniqueToken(thing);
  }

  #object(value: object, trail: TokenTrail | undefined): string {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const above = this.#around.get(value);
    if (above !== undefined) {
      this.#linksBack++;
      return `^${this.#around.size - above};`;
    }
    if (this.#around.size >= depthMax) throw this.#partsAreKnown ? tooDeep() : deepness;
    const before = this.#linksBack;
    this.#around.set(value, this.#around.size);
    const token = `#${nameOfBytes(this.#text(value, trail))}`;
    this.#around.delete(value);
    if (this.#linksBack === before) this.#known.set(value, token);
    else if (++this.#cyclicWritten > cyclicMax) throw tooEntangled();
    return token;
  }

  #text(value: object, trail: TokenTrail | undefined): string {
    const lazy = this.#rules.lazy(value);
    if (lazy !== undefined) {
      return "token" in lazy ? `L${lazy.token}` : this.#unique(value, trail, lazy);
    }
    if (types.isProxy(value)) {
      return this.#unique(value, trail, { problem: "a Proxy has no identity by content" });
    }
    const hook: unknown = Reflect.get(value, hookKey);
    if (typeof hook === "function") {
      const answer: unknown = Reflect.apply(hook, value, []);
      return `k${this.#write(answer, { parent: trail, step: "[its token]" })}`;
    }
    if (typeof value === "function") return this.#function(value as () => unknown, trail);
    const builtIn = globalPath(value);
    return builtIn ? `B${JSON.stringify(builtIn)}` : this.#data(value, trail);
  }

  #function(fn: () => unknown, trail: TokenTrail | undefined): string {
    const settings = settingsOf(fn);
    if (settings?.action.kind === "call") {
      const { action, nout, pure, traverse } = settings;
      return `D${action.function.id}${JSON.stringify([nout ?? null, pure, traverse])}`;
    }
    const identity = functionIdentity(fn);
    return "id" in identity ? `F${identity.id}` : this.#unique(fn, trail, identity);
  }

  #data(value: object, trail: TokenTrail | undefined): string {
    if (Array.isArray(value)) return this.#array(value, trail);
    if (types.isMap(value)) {
      const entries = Map.prototype.entries.call(value);
      return this.#unordered("m", entries, { value, usual: Map.prototype, trail });
    }
    if (types.isSet(value)) {
      const items = Set.prototype.values.call(value);
      return this.#unordered("e", items, { value, usual: Set.prototype, trail });
    }
    if (types.isDate(value)) {
      return `d${Date.prototype.getTime.call(value)};${this.#rest(value, Date.prototype, trail)}`;
    }
    if (types.isRegExp(value)) {
      const text = JSON.stringify([value.source, value.flags, value.lastIndex]);
      return `r${text}${this.#rest(value, RegExp.prototype, trail)}`;
    }
    if (types.isAnyArrayBuffer(value)) {
      const kind = types.isSharedArrayBuffer(value) ? SharedArrayBuffer : ArrayBuffer;
      const name = nameOfBytes(new Uint8Array(value));
      return `A${kind.name}:${name}${this.#rest(value, kind.prototype, trail)}`;
    }
    if (ArrayBuffer.isView(value)) return this.#view(value, trail);
    if (types.isNativeError(value)) return this.#error(value, trail);
    if (types.isBoxedPrimitive(value)) {
      const primitive = (value as { valueOf(): unknown }).valueOf();
      return `o${this.#write(primitive, trail)}`;
    }
    if (value instanceof URL) return `l${value.href};${this.#rest(value, URL.prototype, trail)}`;
    return `{${this.#rest(value, Object.prototype, trail)}`;
  }

  #array(value: readonly unknown[], trail: TokenTrail | undefined): string {
    const parts = [`[${value.length}:`];
    for (let i = 0; i < value.length; i++) {
      if (i in value) parts.push(this.#write(value[i], { parent: trail, step: `[${i}]` }));
      else parts.push("h");
    }
    parts.push(this.#rest(value, Array.prototype, trail));
    return parts.join("");
  }

  #unordered(
    mark: string,
    items: Iterable<unknown>,
    of: { readonly value: object; readonly usual: object; readonly trail: TokenTrail | undefined },
  ): string {
    const texts: string[] = [];
    for (const item of items) {
      const step = {
        parent: of.trail,
        step: `(${mark === "m" ? "entry" : "item"} ${texts.length})`,
      };
      // Entries are made by the iterator: nothing else can name them, so they are no level of their own.
      texts.push(
        mark === "m" && Array.isArray(item)
          ? this.#write(item[0], step) + this.#write(item[1], step)
          : this.#write(item, step),
      );
    }
    return `${mark}${texts.length}:${texts.sort().join("")}${this.#rest(of.value, of.usual, of.trail)}`;
  }

  #view(value: ArrayBufferView, trail: TokenTrail | undefined): string {
    const tag: unknown = Reflect.get(typedArrayPrototype, Symbol.toStringTag, value);
    const kind = Buffer.isBuffer(value) ? "Buffer" : typeof tag === "string" ? tag : "DataView";
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    const made: unknown = Reflect.get(kind === "Buffer" ? { Buffer } : globalThis, kind);
    const usual: unknown = typeof made === "function" ? made.prototype : undefined;
    const owner = typeof usual === "object" && usual !== null ? usual : Object.prototype;
    return `b${kind}:${nameOfBytes(bytes)}${this.#prototype(value, owner, trail)}`;
  }

  #error(value: Error, trail: TokenTrail | undefined): string {
    const { name, message } = value;
    const more = [ownValue(value, "cause"), ownValue(value, "errors")].map((part) =>
      this.#write(part, { parent: trail, step: ".cause" }),
    );
    const made: unknown = Reflect.get(globalThis, name);
    const usual: unknown = typeof made === "function" ? made.prototype : undefined;
    const isUsual = Object.getPrototypeOf(value) === usual;
    const rest = this.#rest(value, isUsual ? (usual as object) : Error.prototype, trail);
    return `x${this.#write([name, message])}${more.join("")}${rest}`;
  }

  /** What `value` inherits from, unless that is `usual`, and its own fields beside its items. */
  #rest(value: object, usual: object, trail: TokenTrail | undefined): string {
    const prototype = this.#prototype(value, usual, trail);
    const fields = this.#fields(value, trail);
    return prototype === "" && fields === "" ? "" : `${prototype}{${fields}`;
  }

  #prototype(value: object, usual: object, trail: TokenTrail | undefined): string {
    const found = tokenPrototype(value, usual);
    const step = { parent: trail, step: "[its class]" };
    switch (found.kind) {
      case "usual":
        return "";
      case "class":
        return `c${this.#write(found.maker, step)}`;
      case "object":
        return `p${this.#write(found.prototype, step)}`;
      case "problem":
        return this.#unique(value, trail, found.problem);
    }
  }

  #fields(value: object, trail: TokenTrail | undefined): string {
    const keys = fieldKeys(value);
    if (keys.length === 0) return "";
    const parts = [`${keys.length}:`];
    for (const key of keys.sort()) {
      const text = this.#write(Reflect.get(value, key), { parent: trail, step: keyStep(key) });
      parts.push(this.#write(key), text);
    }
    return parts.join("");
  }
}

/** The names of own fields, without an array's items. */
function fieldKeys(value: object): string[] {
  const keys = Object.keys(value);
  if (!Array.isArray(value)) return keys;
  return keys.length === value.length && keys.at(-1) === String(value.length - 1)
    ? []
    : keys.filter((key) => !/^(0|[1-9]\d*)$/.test(key));
}

const typedArrayPrototype = Object.getPrototypeOf(Int8Array.prototype) as object;

function tooDeep(): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `tokenize: the value has a cycle, or other things than containers, of more than ${depthMax} levels`,
    fix: "tokenize what is in it without the references back",
  });
}

function tooEntangled(): LambdaskError {
  return new LambdaskError("LIMIT", {
    message: `tokenize: the value has cycles that are too entangled: more than ${cyclicMax} ways through them`,
    fix: "tokenize what is in it without the references back",
  });
}
