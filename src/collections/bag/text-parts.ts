import { LambdaskError } from "../../base/errors.ts";
import type { FoundFile } from "../../formats/find-files.ts";
import { type Packing, packingOfName } from "../../formats/packing.ts";
import { blockCount } from "../../formats/text-blocks.ts";
import type { TextPart, TextPiece } from "../../formats/text-part.ts";
import { pathOfUrl } from "./path-of-url.ts";

/** How files become the parts of a bag. */
export interface TextCut {
  /** Bytes of a block, or how many whole files make a part. */
  readonly per: { readonly blockBytes: number } | { readonly files: number };
  /** Left out: as each file's name says. */
  readonly packing?: Packing;
  /** Whether files of this encoding can be read in blocks. */
  readonly splits: boolean;
}

const partsMax = 4_000_000;

/** How many parts `files` make; an error that names `where` if there are too many. */
export function countParts(where: string, files: readonly FoundFile[], cut: TextCut): number {
  const parts =
    "files" in cut.per
      ? Math.ceil(files.length / cut.per.files)
      : files.reduce((sum, file) => sum + blocksOf(file, cut), 0);
  if (parts <= partsMax) return parts;
  throw new LambdaskError("LIMIT", {
    message: `${where}: ${parts} partitions, at most ${partsMax}`,
    fix: "files" in cut.per ? "put more files into one" : "use larger blocks",
  });
}

/** What each task reads. `readable`: a file as workers read it; `withPaths`: records name their file. */
export function* textParts(
  files: readonly FoundFile[],
  cut: TextCut,
  { readable, withPaths }: { readable(file: FoundFile): FoundFile; readonly withPaths: boolean },
): Generator<TextPart> {
  const { per } = cut;
  const piece = (found: FoundFile, start: number, end: number): TextPiece => {
    const file = readable(found);
    const path = withPaths || file.url !== found.url ? { path: pathOfUrl(found.url) } : {};
    return { file, start, end, packing: packingOf(found, cut), ...path };
  };
  if ("files" in per) {
    for (let first = 0; first < files.length; first += per.files) {
      yield files.slice(first, first + per.files).map((file) => piece(file, 0, file.bytes));
    }
    return;
  }
  for (const file of files) {
    const blocks = blocksOf(file, cut);
    for (let block = 0; block < blocks; block++) {
      const start = block * per.blockBytes;
      const end = block + 1 === blocks ? file.bytes : start + per.blockBytes;
      yield [piece(file, start, end)];
    }
  }
}

function blocksOf(file: FoundFile, cut: TextCut): number {
  const splits = cut.splits && file.bytes < Infinity && packingOf(file, cut) === "none";
  return !splits || "files" in cut.per ? 1 : blockCount(file.bytes, cut.per.blockBytes);
}

/** What a server sends packed is unpacked, whatever it is called; once, as `.gz` files are often sent with both words. */
function packingOf({ url, packing: found }: FoundFile, { packing }: TextCut): Packing {
  const said = packing ?? packingOfName(url);
  if (found === undefined || said === "none" || said === found) return found ?? said;
  throw new LambdaskError("SOURCE", {
    message: `${url}: packed twice, as ${said} and on its way as ${found}`,
    fix: "download the file, unpack it and read it from disk",
    data: { url },
  });
}
