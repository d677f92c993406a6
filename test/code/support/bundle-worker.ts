// A worker that has none of the program's files: imports come from the bundle it is sent. Started by bundled.ts.
import { parse } from "acorn";
import type { ContentName } from "../../../src/base/ids.ts";
import type { ImportBundle } from "../../../src/code/bundle/bundle-format.ts";
import { openBundle } from "../../../src/code/bundle/open-bundle.ts";
import { capture } from "../../../src/code/capture.ts";
import { createLinker, type Linker } from "../../../src/code/link.ts";
import { provideParser } from "../../../src/code/syntax.ts";
import type { CallMessage } from "./remote.ts";

provideParser(parse);

const blobs = new Map<ContentName, Uint8Array>();
const readBlob = async (hash: ContentName): Promise<Uint8Array> =>
  blobs.get(hash) ?? new Uint8Array();
const linkers = new Map<string, Linker>();

function linkerFor(bundle: ImportBundle | undefined): Linker {
  const key = bundle?.hash ?? "";
  const linker =
    linkers.get(key) ?? createLinker({ readBlob, ...(bundle && { bundle: openBundle(bundle) }) });
  linkers.set(key, linker);
  return linker;
}

async function answer(message: CallMessage & { readonly bundle?: ImportBundle }): Promise<void> {
  const { call, shipped, args } = message;
  for (const [hash, bytes] of message.blobs) blobs.set(hash, bytes);
  try {
    const fn = await linkerFor(message.bundle).link(shipped);
    process.send?.({ call, value: await fn(...args) });
  } catch (error) {
    const { message: text, stack } = error as Error;
    process.send?.({ call, error: { message: text, stack, data: Object.assign({}, error) } });
  }
}

// For functions that are sent on from here.
Object.assign(globalThis, {
  [Symbol.for("lambdask.test.capture")]: (fn: () => unknown) => capture(fn, { where: "test" }).id,
});

process.on("message", (message: CallMessage & { readonly bundle?: ImportBundle }) => {
  void answer(message);
});
