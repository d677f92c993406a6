import { classNameOf } from "../base/class-name.ts";

/** A part of a value, and how it is reached from there. */
export interface InnerValue {
  readonly value: unknown;
  readonly step: string;
}

/** What lies right inside `value`, in the order in which it is written. */
export function* innerOf(value: object): Iterable<InnerValue> {
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) yield { value: value[i], step: `[${i}]` };
  } else if (value instanceof Map) {
    let i = 0;
    for (const [key, item] of value) {
      yield { value: key, step: `.keys()[${i}]` };
      yield { value: item, step: `.get(${keyText(key, i)})` };
      i++;
    }
  } else if (value instanceof Set) {
    let i = 0;
    for (const item of value) yield { value: item, step: `.values()[${i++}]` };
  } else if (isRecord(value) || value instanceof Error) {
    for (const key of fieldNames(value)) {
      const isName = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key);
      yield {
        value: Reflect.get(value, key),
        step: isName ? `.${key}` : `[${JSON.stringify(key)}]`,
      };
    }
  }
}

function fieldNames(value: object): readonly string[] {
  if (!(value instanceof Error)) return Object.keys(value);
  return [...new Set([...Object.keys(value), "cause", "errors"])];
}

function isRecord(value: object): boolean {
  return Object.getPrototypeOf(value) === null || classNameOf(value) === "Object";
}

function keyText(key: unknown, position: number): string {
  return typeof key === "string" || typeof key === "number" ? JSON.stringify(key) : `#${position}`;
}
