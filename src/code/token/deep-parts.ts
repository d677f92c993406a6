import { ownValue } from "../reflection.ts";

/** Levels between parts. */
const partLevels = 300;

interface Frame {
  readonly of: object;
  readonly inner: readonly object[];
  next: number;
  /** Levels down to the parts below. */
  height: number;
}

/**
 * Parts of `root` such that from each of them it is not far down to the next ones: the innermost first. Cycles have no
 * innermost, so parts of these are as it happens. `isLeaf` tells what is not looked into.
 */
export function deepParts(root: object, isLeaf: (value: object) => boolean): object[] {
  const parts: object[] = [];
  const heights = new Map<object, number>();
  const stack: Frame[] = [];
  const enter = (value: object): void => {
    heights.set(value, 0);
    stack.push({ of: value, inner: isLeaf(value) ? [] : innerObjects(value), next: 0, height: 0 });
  };
  enter(root);
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const item = frame.inner[frame.next++];
    if (item === undefined) {
      stack.pop();
      const isPart = frame.height >= partLevels;
      if (isPart) parts.push(frame.of);
      heights.set(frame.of, isPart ? 0 : frame.height);
      raise(stack.at(-1), isPart ? 0 : frame.height);
      continue;
    }
    const height = heights.get(item);
    if (height === undefined) enter(item);
    else raise(frame, height);
  }
  return parts;
}

function raise(frame: Frame | undefined, height: number): void {
  if (frame) frame.height = Math.max(frame.height, height + 1);
}

function innerObjects(value: object): object[] {
  const items: unknown[] = [];
  if (value instanceof Map) items.push(...value.keys(), ...value.values());
  else if (value instanceof Set) items.push(...value);
  else if (value instanceof Error) items.push(ownValue(value, "cause"), ownValue(value, "errors"));
  if (!ArrayBuffer.isView(value)) items.push(...Object.values(value));
  return items.filter((item) => typeof item === "object" && item !== null);
}
