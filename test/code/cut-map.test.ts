import { SourceMap } from "node:module";
import * as esbuild from "esbuild";
import { expect, test } from "vitest";
import { cutMap } from "../../src/code/cut-map.ts";
import type { ScriptMap } from "../../src/code/source-maps.ts";

const source = `const first = (x: number): number => x + 1;
interface Row { id: number }
export function second(row: Row): string {
  const name: string = \`row \${row.id}\`;
  return name.padStart(first(20));
}
export const third = [1, 2].map((n: number) => -n);
`;

test.each([false, true])(
  "a part of a map says what the whole says there (minified: %s)",
  (minify) => {
    const { code, map } = esbuild.transformSync(source, {
      loader: "ts",
      sourcemap: "external",
      sourcefile: "rows.ts",
      minify,
    });
    const whole = JSON.parse(map) as ScriptMap;
    const at = code.indexOf("function second");
    const end = code.indexOf("}", code.indexOf("padStart"));
    const place = (offset: number): { line: number; column: number } => {
      const head = code.slice(0, offset).split("\n");
      return { line: head.length - 1, column: head.at(-1)?.length ?? 0 };
    };
    const part = cutMap(whole, place(at), place(end));
    expect(part.mappings.length).toBeLessThan(whole.mappings.length);
    const lookup = (from: ScriptMap, offset: number): unknown => {
      const { line, column } = place(offset);
      const found = new SourceMap(from as never).findEntry(line, column);
      return "originalLine" in found ? [found.originalLine, found.originalColumn] : undefined;
    };
    for (let offset = at; offset <= end; offset++) {
      expect(lookup(part, offset), code.slice(offset, offset + 10)).toEqual(lookup(whole, offset));
    }
    expect(lookup(part, code.indexOf("return"))).toEqual([4, 2]);
  },
);
