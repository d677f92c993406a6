import { Buffer } from "node:buffer";
import { nameOfBytes } from "../base/content-name.ts";
import type { ContentName } from "../base/ids.ts";
import type { Engine } from "./engine.ts";

/** Chunks of so many bytes are compared rather than hashed: that takes a third of the time, and only if one is like it. */
const comparedBytesMin = 2 ** 20;
/** The end of a chunk, with its length and the checksums of all its bytes. */
const endBytes = 32;

/** A chunk that a client has scattered, as long as somebody holds it. */
interface Known {
  readonly chunk: WeakRef<Uint8Array>;
  readonly name: ContentName;
}

/** Per client, the large chunks that it has scattered, by their ends. */
const clients = new WeakMap<Engine, Map<string, Known[]>>();
let named = 0;

/** A name that a chunk shares with those of the same client that have the same bytes. */
export function scatteredName(engine: Engine, chunk: Uint8Array): ContentName {
  if (chunk.length < comparedBytesMin) return nameOfBytes(chunk);
  const end = Buffer.from(chunk.subarray(-endBytes)).toString("hex");
  const chunks = clients.get(engine) ?? new Map<string, Known[]>();
  clients.set(engine, chunks);
  const alike = (chunks.get(end) ?? []).filter((known) => known.chunk.deref() !== undefined);
  const same = alike.find((known) => isEqual(known.chunk.deref(), chunk));
  if (same) return same.name;
  named += 1;
  const name = nameOfBytes(`scattered ${end} ${named}`);
  chunks.set(end, [...alike, { chunk: new WeakRef(chunk), name }]);
  return name;
}

function isEqual(one: Uint8Array | undefined, other: Uint8Array): boolean {
  return one !== undefined && Buffer.compare(one, other) === 0;
}
