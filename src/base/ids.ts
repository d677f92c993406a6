import type { Brand } from "./brand.ts";

/** A hash of content, 32 hexadecimal digits: equal content, equal name. */
export type ContentName = Brand<string, "ContentName">;
/** One execution of a program's work. */
export type RunId = Brand<string, "RunId">;
/** A stage within one session of the scheduler: a small integer. */
export type StageId = Brand<number, "StageId">;
/** One call of a worker within one session of the scheduler. */
export type InvocationId = Brand<number, "InvocationId">;
/** Where a chunk lies in the store. */
export type ChunkKey = Brand<string, "ChunkKey">;

const contentNameForm = /^[0-9a-f]{32}$/;

/** The content name written as `text`; throws if it is none. */
export function parseContentName(text: string): ContentName {
  if (!contentNameForm.test(text)) throw new TypeError(`not a content name: ${text}`);
  return text as ContentName;
}
/** The run id written as `text`. */
export function makeRunId(text: string): RunId {
  return text as RunId;
}
/** The stage id of `number`. */
export function makeStageId(number: number): StageId {
  return number as StageId;
}
/** The invocation id of `number`. */
export function makeInvocationId(number: number): InvocationId {
  return number as InvocationId;
}
/** The chunk key written as `text`. */
export function makeChunkKey(text: string): ChunkKey {
  return text as ChunkKey;
}
