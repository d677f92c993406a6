const key = Symbol.for("lambdask.serials");

/** One count for every copy of this library in the process. */
interface Serials {
  readonly of: WeakMap<object, string>;
  next: number;
  /** Set off what is first seen in a worker from what programs have numbered. */
  prefix: string;
}

const serials = shared();

function shared(): Serials {
  const holder = globalThis as { [key]?: Serials };
  holder[key] ??= { of: new WeakMap(), next: 1, prefix: "" };
  return holder[key];
}

/** Tells equal objects apart: two classes or per-worker handles of the same text are two things. */
export function serialOf(object: object): string {
  let serial = serials.of.get(object);
  if (serial === undefined) {
    serial = `${serials.prefix}${serials.next++}`;
    serials.of.set(object, serial);
  }
  return serial;
}

/** Notes that `object` was made in a worker for what its program numbered `serial`. */
export function noteSerial(object: object, serial: string): void {
  serials.prefix = "w";
  if (!serials.of.has(object)) serials.of.set(object, serial);
}
