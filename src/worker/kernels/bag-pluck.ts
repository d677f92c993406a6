import type { Kernel } from "../../backend/kernel.ts";
import { batchesOf } from "./bag-apply.ts";
import { wrongRecord } from "./wrong-record.ts";

type Path = readonly (string | number)[];

/** `bag.pluck`: what lies at `params.path` in every record; `params.default`, if given, for what is undefined. */
export const pluckValues: Kernel = (call) => {
  const params = call.params as {
    readonly path: Path;
    readonly default: { readonly value: unknown } | undefined;
  };
  let position = 0;
  return batchesOf(call.arguments[0]).map((batch) => {
    const first = position;
    position += batch.length;
    return plucked(batch, { ...params, partition: call.task.index, position: first });
  });
};

/** `bag.compact`: the records at whose `params.path` neither null nor undefined lies. */
export const compactRecords: Kernel = (call) => {
  const { path } = call.params as { readonly path: Path };
  return batchesOf(call.arguments[0]).map((batch) =>
    batch.filter((record) => {
      const value = at(record, path);
      return value !== missing && value !== undefined && value !== null;
    }),
  );
};

function plucked(
  batch: readonly unknown[],
  spec: {
    readonly path: Path;
    readonly default: { readonly value: unknown } | undefined;
    readonly partition: number;
    /** Of the first record of the batch. */
    readonly position: number;
  },
): readonly unknown[] {
  const values: unknown[] = new Array(batch.length);
  for (let i = 0; i < batch.length; i++) {
    const found = at(batch[i], spec.path);
    if (found === missing && spec.default === undefined) {
      throw wrongRecord({
        where: "bag.pluck",
        partition: spec.partition,
        position: spec.position + i,
        record: batch[i],
        expected: `something that may have ${spec.path.map(String).join(".")}`,
        fix: "filter out such records before, or give { default }",
      });
    }
    const value = found === missing ? undefined : found;
    values[i] = value === undefined && spec.default !== undefined ? spec.default.value : value;
  }
  return values;
}

/** What has no properties was met on the way. */
const missing = Symbol("missing");

/** What lies at `path` in `record`: properties, and items of lists. */
function at(record: unknown, path: Path): unknown {
  let value = record;
  for (const key of path) {
    if (value === null || value === undefined) return missing;
    value = property(value, key);
  }
  return value;
}

function property(value: unknown, key: string | number): unknown {
  if (typeof value === "string") return value[key as number];
  if (typeof value !== "object" || value === null) return missing;
  if (Array.isArray(value) || ArrayBuffer.isView(value) || Object.hasOwn(value, key)) {
    return (value as Record<string | number, unknown>)[key];
  }
  // Of an instance, what its class computes is a property too; what every object has is none.
  return key in Object.prototype ? undefined : (value as Record<string | number, unknown>)[key];
}
