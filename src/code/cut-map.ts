import type { ScriptMap } from "./source-maps.ts";

interface Place {
  readonly line: number;
  readonly column: number;
}

/** A stretch of generated code and where it comes from: source, line, column, and name if it has one. */
interface Segment {
  readonly column: number;
  readonly origin: readonly number[];
}

/** The part of `map` that concerns the text from `start` to `end`: a module of one function needs no more. */
export function cutMap(map: ScriptMap, start: Place, end: Place): ScriptMap {
  const writer = new Writer();
  const reader = new Reader();
  const lines = map.mappings.split(";");
  const kept: string[] = [];
  for (const [line, text] of lines.entries()) {
    if (line > end.line) break;
    const segments = reader.line(text);
    if (line < start.line) {
      kept.push("");
      continue;
    }
    const from = line === start.line ? start.column : 0;
    const to = line === end.line ? end.column : Number.POSITIVE_INFINITY;
    kept.push(writer.line(within(segments, from, to)));
  }
  return { ...map, mappings: kept.join(";") };
}

/** The map of a text that stands one line further down than in the file at `url`, whose first line it starts in. */
export function movedMap(text: string, column: number, url: string): ScriptMap {
  const writer = new Writer();
  const lines = text.split("\n").map((line, i) => {
    const first = i === 0 ? column : 0;
    const segments = Array.from(line, (_character, n) => first + n);
    return writer.line(segments.map((at) => ({ column: at, origin: [0, i, at] })));
  });
  return { version: 3, names: [], sources: [url], mappings: `;${lines.join(";")}` };
}

/** The segments of `[from, to]`; the one that `from` lies in starts there. */
function within(segments: readonly Segment[], from: number, to: number): Segment[] {
  const found: Segment[] = [];
  for (const segment of segments) {
    if (segment.column > to) break;
    if (segment.column <= from) found.length = 0;
    found.push(segment.column < from ? { ...segment, column: from } : segment);
  }
  return found;
}

const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const valueOfDigit = new Map([...digits].map((digit, value) => [digit, value]));

/** Numbers are written five bits a digit, lowest first, the sign in the lowest bit of all. */
class Reader {
  readonly #origin = [0, 0, 0, 0];

  line(text: string): Segment[] {
    if (text === "") return [];
    let column = 0;
    return text.split(",").map((segment) => {
      const [step = 0, ...deltas] = numbers(segment);
      column += step;
      const origin = deltas.map((delta, i) => {
        const value = (this.#origin[i] ?? 0) + delta;
        this.#origin[i] = value;
        return value;
      });
      return { column, origin };
    });
  }
}

class Writer {
  readonly #origin = [0, 0, 0, 0];

  line(segments: readonly Segment[]): string {
    let before = 0;
    return segments
      .map(({ column, origin }) => {
        const deltas = origin.map((value, i) => {
          const delta = value - (this.#origin[i] ?? 0);
          this.#origin[i] = value;
          return delta;
        });
        const step = column - before;
        before = column;
        return [step, ...deltas].map(written).join("");
      })
      .join(",");
  }
}

function numbers(segment: string): number[] {
  const found: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = valueOfDigit.get(digit) ?? 0;
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    found.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return found;
}

function written(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let text = "";
  do {
    const bits = rest & 31;
    rest >>>= 5;
    text += digits[rest > 0 ? bits | 32 : bits];
  } while (rest > 0);
  return text;
}
