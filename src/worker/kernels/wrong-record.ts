import { LambdaskError, shortly } from "../../base/errors.ts";

/** A record that an operation cannot take. */
export interface WrongRecord {
  /** The operation as users call it. */
  readonly where: string;
  readonly partition: number;
  /** Its position in the partition. */
  readonly position: number;
  readonly record: unknown;
  readonly expected: string;
  readonly fix: string;
}

/** The BAD_ARGUMENT error for a record of the wrong kind: it names the record by its place. */
export function wrongRecord(wrong: WrongRecord): LambdaskError {
  const { where, partition, position, record, expected, fix } = wrong;
  return new LambdaskError("BAD_ARGUMENT", {
    message: `${where}: record ${position} of partition ${partition}: expected ${expected}, got ${shortly(record)}`,
    fix,
    data: { where, partition, record: position },
  });
}
