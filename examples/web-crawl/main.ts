/**
 * A crawl: pages are fetched by workers as they are found. Whatever page is ready first is looked at first, and the pages
 * that it links to and nobody has asked for are submitted at once; busy pages are tried again, and missing ones are
 * noted. The site is served by this program. What was found is checked against a plain walk over the site's links.
 */
import assert from "node:assert/strict";
import { annotate, asCompleted, connect, type Future } from "../../src/index.ts";
import { linksOf, pageCount, startSite, wordsOn } from "./site.ts";

interface Page {
  readonly url: string;
  readonly isThere: boolean;
  readonly links: readonly string[];
  readonly words: number;
}

async function fetchPage(url: string): Promise<Page> {
  const answer = await fetch(url);
  if (answer.status === 404) return { url, isThere: false, links: [], words: 0 };
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  const html = await answer.text();
  const text = /<p>(.*?)<\/p>/.exec(html)?.[1] ?? "";
  const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, to = ""]) => new URL(to, url).href);
  return { url, isThere: true, links, words: text.split(" ").length };
}

await using site = await startSite();
await using client = await connect({ processes: 2, progress: "none" });

const seen = new Set<string>();

/** Begins to fetch the page; one that is busy is asked again, at most three times. */
function visit(url: string): Future<Page> {
  seen.add(url);
  return annotate({ retries: 3 }, () => client.submit(fetchPage, url));
}

const found = new Map<string, number>();
const missing: string[] = [];
const arrivals = asCompleted([visit(`${site.url}/0`)]);
for await (const arrival of arrivals) {
  const page = await arrival.result();
  if (page.isThere) found.set(page.url, page.words);
  else missing.push(page.url);
  for (const url of page.links) if (!seen.has(url)) arrivals.add(visit(url));
}
console.log(
  `${found.size} pages found and ${missing.length} missing, with ${site.requests.count} requests`,
);

const reached = new Set([0]);
for (const page of reached) {
  if (page < pageCount) for (const to of linksOf(page)) reached.add(to);
}
const there = [...reached].filter((page) => page < pageCount);
assert.deepEqual(
  [...found].sort(),
  there.map((page) => [`${site.url}/${page}`, wordsOn(page)] as const).sort(),
);
assert.deepEqual(
  missing.toSorted(),
  [...reached]
    .filter((page) => page >= pageCount)
    .map((page) => `${site.url}/${page}`)
    .toSorted(),
);
const busy = [...reached].filter((page) => page % 9 === 4).length;
assert.equal(site.requests.count, reached.size + busy);
console.log(`checked: ${found.size} pages, each fetched once, and again where it was busy`);
