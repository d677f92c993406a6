import type { ByteSource, SourceFile } from "../backend/byte-source.ts";
import { atOnce } from "../base/at-once.ts";
import { isLambdaskError, LambdaskError } from "../base/errors.ts";
import { listUrl, type WritePattern } from "./success-list.ts";
import { namesIn, readWhole, replaceList, type WrittenFile, writeWhole } from "./written-text.ts";

const filesAtOnce = 8;

interface Homecoming {
  readonly home: WritePattern;
  readonly folder: string;
  readonly nameOf?: ((partition: number) => string) | undefined;
}

/**
 * Files that workers left elsewhere, in one folder, because they do not see the machine where the files belong. There
 * is no list at home while files are brought. A program that was killed meanwhile brings them once more: they stay where
 * they are until all are at home, and then a mark that says so stays until the run is over.
 */
export class LeftFiles {
  readonly #sources: ByteSource;
  readonly #home: WritePattern;
  readonly #folder: string;
  readonly #files: readonly WrittenFile[];
  readonly #nameOf: ((partition: number) => string) | undefined;

  /**
   * `home`: the pattern of the files where they belong, and what stands in their names but numbers; `folder`: where they
   * are, as a URL that ends in a slash.
   */
  constructor(
    sources: ByteSource,
    { home, folder, nameOf }: Homecoming,
    files: readonly WrittenFile[],
  ) {
    this.#sources = sources;
    this.#nameOf = nameOf;
    this.#home = home;
    this.#folder = folder;
    this.#files = files;
  }

  /** Brings all files home, the list last, and removes them where they were. Gives them as they are now. */
  async bring(): Promise<WrittenFile[]> {
    const left = await this.#left();
    const files = this.#files.map((file) => ({ ...file, url: this.#homeOf(file.url) }));
    if (!left.has(this.#mark)) {
      const earlier = await this.#takeListAway();
      await atOnce(filesAtOnce, this.#files, ({ url }) => this.#copy(url, left.get(url)));
      await replaceList(this.#sources, this.#home, { files, earlier });
      await writeWhole(this.#sources, this.#mark, "");
    }
    const urls = [...left.keys(), this.#earlier].filter((url) => url !== this.#mark);
    await atOnce(filesAtOnce, urls, (url) => this.#sources.remove(url));
    return files;
  }

  /** Removes what is left when nobody will bring these files again. */
  async forget(): Promise<void> {
    await this.#sources.remove(this.#mark);
  }

  get #mark(): string {
    return `${this.#folder}at-home`;
  }

  /** The list that the files replace. */
  get #earlier(): string {
    return `${this.#folder}earlier.json`;
  }

  #homeOf(url: string): string {
    return this.#home.prefix + url.slice(this.#folder.length);
  }

  async #left(): Promise<Map<string, SourceFile>> {
    try {
      const found = await this.#sources.expand(this.#folder);
      return new Map(found.map((file) => [file.url, file]));
    } catch (cause) {
      throw isLambdaskError(cause, "SOURCE") ? gone(listUrl(this.#home), cause) : cause;
    }
  }

  /** The files of an earlier result. Its list is kept until the end, for another try after this one was cut off. */
  async #takeListAway(): Promise<string[]> {
    const list = listUrl(this.#home);
    const text = await readWhole(this.#sources, list);
    if (text !== undefined) await writeWhole(this.#sources, this.#earlier, text);
    await this.#sources.remove(list);
    const earlier = text ?? (await readWhole(this.#sources, this.#earlier));
    return namesIn(earlier, this.#home, this.#nameOf);
  }

  async #copy(url: string, found: SourceFile | undefined): Promise<void> {
    const home = this.#homeOf(url);
    if (found === undefined) throw gone(home);
    await this.#sources.write(home, this.#sources.read(found, { start: 0, end: found.bytes }));
  }
}

function gone(url: string, cause?: unknown): LambdaskError {
  return new LambdaskError("SOURCE", {
    message: `${url}: what workers have written for it cannot be found any more`,
    fix: "run the program again: it writes anew",
    ...(cause === undefined ? {} : { cause }),
    data: { url },
  });
}
