import { innerOf } from "./inner-of.ts";
import { Special, specialCode } from "./special.ts";
import { refusal, toPackable, unremembered } from "./to-packable.ts";

/** So many items take more bytes than one value may have. */
const itemsMax = 2 ** 32;

/**
 * `value`, which is nested deeper than one piece may be, as pieces in one special; `undefined` if it is too large for
 * that. Throws `refusal` for a cycle and for what is not data.
 */
export function deepToPackable(value: object, findings: { records: number }): Special | undefined {
  if (itemsIn(value) > itemsMax) return undefined;
  const found: object[] = [value];
  const holes: { payload: number[] }[] = [];
  // What is in pieces differs with how far down it is, and there is not too much of it to go through.
  const walk = unremembered((inner) => {
    const payload = [specialCode.hole, found.push(inner) - 1];
    holes.push({ payload });
    return new Special(payload);
  });
  const pieces: Special[] = [];
  for (let i = 0; i < found.length; i++) {
    pieces.push(new Special([specialCode.piece, toPackable(found[i], 0, walk)]));
  }
  // The innermost come first, so that whatever has a hole is read after what fills it.
  for (const { payload } of holes) payload[1] = pieces.length - 1 - (payload[1] ?? 0);
  findings.records += walk.records;
  return new Special([specialCode.deep, ...pieces.reverse()]);
}

interface Frame {
  readonly value: object;
  readonly inner: readonly object[];
  next: number;
  count: number;
}

/** Items in `root`, those of an object met twice counted twice. Throws `refusal` for a cycle. */
function itemsIn(root: object): number {
  const counts = new Map<object, number>();
  const around = new Set<object>([root]);
  const open = [frameOf(root)];
  for (let frame = open.at(-1); frame !== undefined; frame = open.at(-1)) {
    const item = frame.inner[frame.next++];
    const known = item && counts.get(item);
    if (item === undefined) {
      open.pop();
      around.delete(frame.value);
      counts.set(frame.value, frame.count);
      const above = open.at(-1);
      if (above) above.count += frame.count;
    } else if (around.has(item)) throw refusal;
    else if (known !== undefined) frame.count += known;
    else {
      around.add(item);
      open.push(frameOf(item));
    }
  }
  return counts.get(root) ?? 0;
}

function frameOf(value: object): Frame {
  const inner: object[] = [];
  let count = 0;
  for (const { value: item } of innerOf(value)) {
    count += 1;
    if (typeof item === "object" && item !== null) inner.push(item);
  }
  return { value, inner, next: 0, count };
}
