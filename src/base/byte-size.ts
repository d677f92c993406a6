import { badArgument } from "./errors.ts";

const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A size in bytes: a number, or text such as `"256 MiB"` or `"2 GB"`. */
export type ByteSize = number | string;

/** The whole number of bytes that `size` says; a BAD_ARGUMENT error that names `where` if it says none. */
export function parseByteSize(size: ByteSize, where: string): number {
  const expected = 'a positive number of bytes or text such as "256 MiB"';
  if (typeof size === "number") {
    if (!Number.isFinite(size) || size < 1) throw badArgument(where, expected, size);
    return Math.floor(size);
  }
  const found =
    typeof size === "string" ? /^\s*([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)\s*$/i.exec(size) : null;
  const unit = units[(found?.[2] || "b").toLowerCase()];
  const bytes = Math.floor(Number(found?.[1]) * (unit ?? Number.NaN));
  if (!(bytes >= 1)) throw badArgument(where, expected, size);
  return bytes;
}

/** `bytes` for people: `"1.50 GiB"`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const names = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  const power = Math.min(Math.floor(Math.log2(bytes) / 10), names.length);
  const scaled = bytes / 2 ** (10 * power);
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${names[power - 1]}`;
}
