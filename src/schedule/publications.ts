import type { RunStore } from "../backend/run-store.ts";
import { nameOf } from "../base/content-name.ts";
import { type ContentName, parseContentName } from "../base/ids.ts";
import type { PublicationId } from "./run-record.ts";

/** What is published under one name: stored chunks, and what kind of collection they are. */
export interface Publication {
  readonly version: 1;
  /** For whom its chunks are kept: no other publication has it, of the same name or the same chunks. */
  readonly id: PublicationId;
  /** What users call it. */
  readonly name: string;
  readonly kind: string;
  /** The stored name of its chunks, and how many the stage has. */
  readonly stored: ContentName;
  readonly count: number;
  /** The one chunk that it is; left out: all of them. */
  readonly chunk?: number;
  readonly publishedMs: number;
}

/** A publication as it is written, and the version of that. */
export interface FoundPublication {
  readonly publication: Publication;
  readonly fileVersion: string;
}

const folder = "published/";

/** Names of collections that programs share, as files of a run store. */
export class Publications {
  readonly #runs: RunStore;

  constructor(runs: RunStore) {
    this.#runs = runs;
  }

  async get(name: string): Promise<FoundPublication | undefined> {
    return await this.#read(fileOf(name));
  }

  /** All of them, in order of name. */
  async list(): Promise<Publication[]> {
    const files = await this.#runs.list(folder);
    const found = await Promise.all(files.map((file) => this.#read(file)));
    return found
      .flatMap((each) => (each === undefined ? [] : [each.publication]))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Puts a publication in the place of `before`, or where there was none; false if that is not so any more. */
  async put(publication: Publication, before: FoundPublication | undefined): Promise<boolean> {
    const bytes = new TextEncoder().encode(JSON.stringify(publication));
    return await this.#runs.replace(fileOf(publication.name), bytes, before?.fileVersion ?? "");
  }

  /** Takes a publication away; false if it was not there any more. */
  async remove({ publication, fileVersion }: FoundPublication): Promise<boolean> {
    return await this.#runs.deleteVersion(fileOf(publication.name), fileVersion);
  }

  async #read(file: string): Promise<FoundPublication | undefined> {
    const found = await this.#runs.get(file);
    const publication = found === undefined ? undefined : decodePublication(found.bytes);
    if (found === undefined || publication === undefined) return undefined;
    return { publication, fileVersion: found.version };
  }
}

/** The publication in `bytes`; `undefined` if they hold none that this version understands. */
export function decodePublication(bytes: Uint8Array): Publication | undefined {
  try {
    // What is no publication fails one of the checks below.
    const publication = JSON.parse(new TextDecoder().decode(bytes)) as Publication;
    const { version, name, count }: Readonly<Record<string, unknown>> = { ...publication };
    if (version !== 1 || typeof name !== "string" || typeof count !== "number") return undefined;
    return { ...publication, stored: parseContentName(publication.stored) };
  } catch {
    return undefined;
  }
}

/** Names may hold anything, file names may not. */
function fileOf(name: string): string {
  return folder + nameOf(name);
}
