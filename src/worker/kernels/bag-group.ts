import type { Kernel } from "../../backend/kernel.ts";
import { present } from "../../base/assert.ts";
import { chain } from "../../base/maybe-promise.ts";
import { Batches, batchRecords } from "../../chunk/batches.ts";
import { Partitioned } from "../../chunk/partitioned.ts";
import { applyEach, batchesOf, listOf } from "./bag-apply.ts";
import { partOf } from "./bag-key.ts";
import { KeyTable } from "./bag-key-table.ts";
import { PacketWriter, packetsOf } from "./bag-packets.ts";

/** `bag.partition`: the part's records by a hash of their key, in `params.parts` pieces. Functions: key. */
export const partitionRecords: Kernel = (call) => {
  const keyOf = present(call.functions[0], "the key function of a bag's exchange");
  const { parts } = call.params as { readonly parts: number };
  const writer = new PacketWriter(parts);
  const read = batchesOf(call.arguments[0]).visit((batch) =>
    chain(applyEach(keyOf, batch), (keys) => {
      for (let i = 0; i < batch.length; i++) {
        const key = keys[i];
        writer.add(partOf(key, parts), key, batch[i]);
      }
    }),
  );
  return chain(read, () => new Partitioned(parts, writer.pieces()));
};

/** `bag.group`: one part of an exchange as records `[key, records]`, keys in order of first appearance. */
export const groupRecords: Kernel = async (call) => {
  const keys = new KeyTable();
  const groups: unknown[][] = [];
  for await (const packet of packetsOf(listOf(call.arguments[0]))) {
    for (let i = 0; i < packet.keys.length; i++) {
      const number = keys.add(packet.keys.next());
      const record = packet.records[i];
      if (number === groups.length) groups.push([record]);
      else groups[number]?.push(record);
    }
  }
  return new Batches(pairs(keys, groups));
};

/** Batches of a few groups: a batch is encoded at once, and groups may be large. */
function* pairs(keys: KeyTable, groups: (unknown[] | undefined)[]): Generator<readonly unknown[]> {
  let batch: unknown[] = [];
  let records = 0;
  for (let number = 0; number < groups.length; number++) {
    const group = groups[number] ?? [];
    groups[number] = undefined;
    batch.push([keys.key(number), group]);
    records += group.length;
    if (records >= batchRecords) {
      yield batch;
      batch = [];
      records = 0;
    }
  }
  if (batch.length > 0) yield batch;
}
