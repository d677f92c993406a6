import { present } from "../base/assert.ts";
import { checkOptions, mostSimilar } from "../base/check-options.ts";
import { badArgument, LambdaskError } from "../base/errors.ts";
import { makeRunId } from "../base/ids.ts";
import { wrapperOf } from "../code/lazy/node.ts";
import { deleteChunks } from "../schedule/chunk-io.ts";
import { type FoundPublication, type Publication, Publications } from "../schedule/publications.ts";
import type { PublicationId } from "../schedule/run-record.ts";
import type { CallSite } from "./call-site.ts";
import { type LazyWork, lazyParts, type PublishedKind, worksOf } from "./collection.ts";
import type { Engine } from "./engine.ts";
import { settledWorks } from "./graph/late-nodes.ts";
import { nodeWorks } from "./graph/node-works.ts";
import { keptStage } from "./kept-expr.ts";
import { publishedExpr } from "./published-expr.ts";
import { makerOf } from "./published-kinds.ts";

/** How a collection is published. */
export interface PublishOptions {
  /** Takes the place of what is published under the name; by default that is an error. */
  readonly replace?: boolean;
}

/** What is to be published, and where that was asked for. */
export interface Publishing {
  readonly name: string;
  readonly collection: unknown;
  readonly options: PublishOptions | undefined;
  readonly site: CallSite;
}

const nameLengthMax = 1000;

/** Computes a collection as far as it is not, and has its chunks kept under a name. */
export async function publishCollection(engine: Engine, publishing: Publishing): Promise<void> {
  const where = "client.publish";
  const { collection, site } = publishing;
  const name = checkName(where, publishing.name);
  const { replace = false } = checkOptions(where, publishing.options, ["replace"]);
  if (typeof replace !== "boolean")
    throw badArgument(`${where}: replace`, "true or false", replace);
  const { kind, works } = publishable(collection, `${where}: the collection`);
  const publications = new Publications(engine.backend.runs);
  // Before work that may take long.
  if (!replace && (await publications.get(name)) !== undefined) throw taken(name);
  const { persistWorks } = await import("./persist-works.ts");
  const options = { name: "publish", site, onError: "fail", reuse: false, persist: true } as const;
  const [kept] = await persistWorks(engine, works(), options);
  const { work, handle } = present(kept, "a kept work");
  try {
    const publication = publicationOf(engine, work, { name, kind });
    await announce(engine, publication, replace);
  } finally {
    // From here on the publication keeps the chunks, or nobody: also if this program is killed the moment it goes on.
    handle.release();
    await engine.driver.afterDeletions(async () => {});
  }
}

/** What is published as, and what must be computed for it. */
interface Publishable {
  readonly kind: PublishedKind;
  works(): readonly LazyWork[];
}

function publishable(collection: unknown, where: string): Publishable {
  const parts = lazyParts(collection, where);
  const { publishedAs: kind, hasBegun = false } = parts.family;
  if (kind !== undefined) {
    return { kind, works: () => settledWorks(worksOf([parts]), nodeWorks) };
  }
  if (!hasBegun)
    throw badArgument(where, "a bag, an item, a delayed value or a future", collection);
  // The chunk of a future goes with its client: a task copies its value to one that is kept.
  return { kind: "delayed", works: () => nodeWorks([wrapperOf(collection as object)]) };
}

/** The collection that is published under a name. */
export async function publishedCollection(engine: Engine, given: string): Promise<unknown> {
  const where = "client.published";
  const name = checkName(where, given);
  const publications = new Publications(engine.backend.runs);
  const found = await publications.get(name);
  if (found === undefined) throw await unknown(where, name, publications);
  const { publication } = found;
  const make = await makerOf(publication.kind);
  if (make === undefined) {
    throw new LambdaskError("MISMATCH", {
      message: `${where}: ${JSON.stringify(name)} is of a kind that this version does not know: ${publication.kind}`,
      fix: "run both programs with the same version of lambdask",
    });
  }
  const { chunk } = publication;
  return make({ expr: publishedExpr(publication), ...(chunk === undefined ? {} : { chunk }) });
}

/** The names that something is published under, in order. */
export async function publishedNames(engine: Engine): Promise<string[]> {
  return (await new Publications(engine.backend.runs).list()).map(({ name }) => name);
}

/** Takes the name back; the chunks go unless somebody else pins or keeps them. */
export async function unpublishCollection(engine: Engine, given: string): Promise<void> {
  const where = "client.unpublish";
  const name = checkName(where, given);
  const publications = new Publications(engine.backend.runs);
  for (let tries = 0; tries < triesMax; tries++) {
    const found = await publications.get(name);
    if (found === undefined) throw await unknown(where, name, publications);
    if (!(await publications.remove(found))) continue;
    await letGo(engine, found.publication);
    return;
  }
  throw contended(where, name);
}

/** Somebody else has changed the publication each time it was to be changed. */
const triesMax = 100;

function publicationOf(
  { backend }: Engine,
  { expr, indexes }: LazyWork,
  { name, kind }: Pick<Publication, "name" | "kind">,
): Publication {
  const { name: stored, count } = keptStage(expr);
  const random = (): string => Math.floor(backend.random() * 2 ** 32).toString(36);
  const id: PublicationId = `published-${random()}${random()}`;
  const publishedMs = backend.clock.now();
  const chunk = indexes.kind === "list" ? indexes.indexes[0] : undefined;
  const facts = { version: 1, id, name, kind, stored, count, publishedMs } as const;
  return chunk === undefined ? facts : { ...facts, chunk };
}

/** Keeps the chunks, then says so: whoever reads a publication finds them. */
async function announce(engine: Engine, publication: Publication, replace: boolean): Promise<void> {
  const { keeper } = engine;
  const { id, stored } = publication;
  await keeper.keep([stored], id);
  let before: FoundPublication | undefined;
  try {
    before = await putInPlace(engine, publication, replace);
  } catch (error) {
    await keeper.forget([stored], id);
    throw error;
  }
  if (before !== undefined) await letGo(engine, before.publication);
}

/** Gives what was there before. */
async function putInPlace(
  { backend }: Engine,
  publication: Publication,
  replace: boolean,
): Promise<FoundPublication | undefined> {
  const { name } = publication;
  const publications = new Publications(backend.runs);
  for (let tries = 0; tries < triesMax; tries++) {
    const found = await publications.get(name);
    if (found !== undefined && !replace) throw taken(name);
    if (await publications.put(publication, found)) return found;
  }
  throw contended("client.publish", name);
}

/** Keeps the chunks of a publication no more, and deletes them if nobody else pins or keeps them. */
async function letGo({ keeper, backend }: Engine, publication: Publication): Promise<void> {
  const { id, stored, count } = publication;
  await keeper.forget([stored], id);
  // A run of its own, which nobody takes over: runs of this client may use the chunks.
  const run = makeRunId(`un${id}`);
  await keeper.pin(run, [stored]);
  const allowed = await keeper.unpin(run, [stored], "over");
  if (allowed.length > 0) await deleteChunks(backend.store, { name: stored, count });
  await keeper.deleted(run, allowed);
}

function checkName(where: string, name: unknown): string {
  if (typeof name === "string" && name !== "" && name.length <= nameLengthMax) return name;
  throw badArgument(`${where}: name`, `a text of 1 to ${nameLengthMax} characters`, name);
}

function taken(name: string): LambdaskError {
  return new LambdaskError("ALREADY_PUBLISHED", {
    message: `client.publish: something is published under ${JSON.stringify(name)}`,
    fix: "take another name, unpublish it first, or say { replace: true }",
    data: { name },
  });
}

async function unknown(
  where: string,
  name: string,
  publications: Publications,
): Promise<LambdaskError> {
  const names = (await publications.list()).map((each) => each.name);
  const similar = mostSimilar(name, names);
  const shown = names.slice(0, namesShown).map((each) => JSON.stringify(each));
  const more = names.length > namesShown ? `, and ${names.length - namesShown} more` : "";
  const list =
    names.length === 0
      ? "nothing is published in this store"
      : `published are: ${shown.join(", ")}${more}`;
  return new LambdaskError("NOT_PUBLISHED", {
    message: `${where}: nothing is published under ${JSON.stringify(name)}; ${list}`,
    fix:
      similar === undefined
        ? "publish it first, from a program on the same store"
        : `did you mean ${JSON.stringify(similar)}?`,
    data: { name },
  });
}

const namesShown = 10;

function contended(where: string, name: string): LambdaskError {
  return new LambdaskError("STORE", {
    message: `${where}: ${JSON.stringify(name)} has been changed by others ${triesMax} times meanwhile`,
    fix: "let one program publish a name at a time",
  });
}
