/** Text, or elements by name; a list is an element repeated. */
export type Xml = string | number | boolean | { readonly [name: string]: Xml | readonly Xml[] };

/** A document with one root element. */
export function xmlOf(root: string, content: Xml): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(root, content)}`;
}

function element(name: string, content: Xml | readonly Xml[]): string {
  if (Array.isArray(content)) return content.map((each: Xml) => element(name, each)).join("");
  const inner =
    typeof content === "object"
      ? Object.entries(content).map(([child, value]) => element(child, value))
      : [escaped(String(content))];
  return `<${name}>${inner.join("")}</${name}>`;
}

function escaped(text: string): string {
  return text
    .replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`)
    .replace(/[\r\n]/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** The insides of every `<name>` in a document; names do not nest in themselves in what S3 is sent. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map(([, inner]) =>
    inner === undefined ? "" : inner,
  );
}

/** The text of the first `<name>`; `undefined` if there is none. */
export function textOf(xml: string, name: string): string | undefined {
  const inner = elementsOf(xml, name)[0];
  return inner === undefined ? undefined : unescaped(inner);
}

const named: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

function unescaped(text: string): string {
  return text.replace(
    /&(#x?)?([0-9a-z]+);/gi,
    (whole, number: string | undefined, code: string) => {
      if (number === undefined) return named[code] ?? whole;
      return String.fromCodePoint(Number.parseInt(code, number === "#x" ? 16 : 10));
    },
  );
}
