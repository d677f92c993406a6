/** A web site on this machine: its pages follow from their number. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** How many pages there are; not all of them are linked to. */
export const pageCount = 600;

/** Pages that a page links to: a binary tree over the lower half, cross links, and some that lead nowhere. */
export function linksOf(page: number): number[] {
  const links = [2 * page + 1, 2 * page + 2].filter((child) => child < pageCount / 2);
  if (page % 7 === 3) links.push((page * 31) % (pageCount / 2));
  if (page % 50 === 49) links.push(pageCount + page);
  return links;
}

/** Words on a page. */
export function wordsOn(page: number): number {
  return 20 + ((page * 37) % 180);
}

function htmlOf(page: number): string {
  const anchors = linksOf(page).map((to) => `<a href="/${to}">page ${to}</a>`);
  const words = Array.from({ length: wordsOn(page) }, (_, i) => `word${(page + i) % 97}`);
  return `<title>${page}</title><p>${words.join(" ")}</p>${anchors.join("")}`;
}

/** The site while it is up: where it is, and how often it was asked. */
export interface Site extends AsyncDisposable {
  readonly url: string;
  readonly requests: { count: number };
}

/** Starts the site. Every ninth page is busy when it is first asked for. */
export async function startSite(): Promise<Site> {
  const requests = { count: 0 };
  const asked = new Set<number>();
  const server: Server = createServer((request, response) => {
    requests.count += 1;
    const page = Number(request.url?.slice(1));
    const isFirst = !asked.has(page);
    asked.add(page);
    if (page % 9 === 4 && isFirst) response.writeHead(503).end();
    else if (page < pageCount) response.writeHead(200).end(htmlOf(page));
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
