import { nameOfBytes } from "../../base/content-name.ts";
import type { ContentName } from "../../base/ids.ts";
import { withoutQuery } from "../file-origin.ts";
import { mismatch } from "../mismatch.ts";

/** How a module is asked for: the two may lead to different files of a package. */
export type ImportKind = "import" | "require";

/** Something that captured code asks for. */
export interface ImportRequest {
  readonly kind: ImportKind;
  readonly specifier: string;
  /** URL of the user's file that asks. */
  readonly from: string;
}

/** What an import is in a bundle. */
export interface BundledImport extends ImportRequest {
  /** Name of the file of the bundle. */
  readonly file: string;
  /** The file has one value, as CommonJS and JSON have, and no exports of its own. */
  readonly isWhole: boolean;
  /** As in an identity: package and version, or hash of a local module. */
  readonly identity: string;
  readonly target: "package" | "local";
}

/** All that captured code imports, as JavaScript that needs no other file. */
export interface BundleContent {
  readonly imports: readonly BundledImport[];
  /** Texts of the bundle's files by name. */
  readonly files: Readonly<Record<string, string>>;
}

/** A bundle as one thing to store. */
export interface ImportBundle {
  /** Content name of `bytes`. */
  readonly hash: ContentName;
  readonly bytes: Uint8Array;
}

const version = 1;

/** One string for a request. */
export function requestKey({ kind, specifier, from }: ImportRequest): string {
  return `${kind}\0${specifier}\0${from}`;
}

/** `content` as bytes under their own name. */
export function encodeBundle(content: BundleContent): ImportBundle {
  const { imports, files } = content;
  const bytes = new TextEncoder().encode(JSON.stringify([version, imports, files]));
  return { hash: nameOfBytes(bytes), bytes };
}

/** What is in a bundle; MISMATCH if its bytes are not what its name says or of another version. */
export function decodeBundle({ hash, bytes }: ImportBundle): BundleContent {
  if (nameOfBytes(bytes) !== hash) {
    throw mismatch(`the bundle of imports is not what its hash ${hash} says`);
  }
  const parsed: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!Array.isArray(parsed) || parsed[0] !== version) {
    throw mismatch("the bundle of imports was made by another version of lambdask");
  }
  const [, imports, files] = parsed as [number, BundledImport[], Record<string, string>];
  return { imports, files };
}

const folder = "lambdask-bundle-";

/** The folder that the files of a bundle seem to lie in. */
export function bundleFolder(hash: ContentName): string {
  return `${folder}${hash}/`;
}

/** What a package's file would be asked for by: vite names files of packages by where they lie. */
export function packageSpecifier(specifier: string): string {
  return specifier.replace(/^(file:|\/).*\/node_modules\//, "");
}

/** True for a file of a bundle. */
export function isBundled(url: string): boolean {
  return /\/lambdask-bundle-[0-9a-f]{32}\//.test(url);
}

/** In the folder of a bundle: where the user's own files seem to lie. */
export const userFolder = "user/";

/** The user's file that code with this URL imports from; code that was typed in has none. */
export function askingFile(url: string): string {
  return url.startsWith("file:") ? withoutQuery(url) : "file:///typed-in.mjs";
}

/** The URL that the user's file has in the program, for one that a bundle's folder shows. */
export function urlInProgram(url: string): string {
  const [, root, file] = /^(.*?)lambdask-bundle-[0-9a-f]{32}\/user\/(.*)$/.exec(url) ?? [];
  return root === undefined ? url : `file:///${file}`;
}
