import { assert } from "../base/assert.ts";

interface ArrayClasses {
  readonly int8: Int8ArrayConstructor;
  readonly uint8: Uint8ArrayConstructor;
  readonly int16: Int16ArrayConstructor;
  readonly uint16: Uint16ArrayConstructor;
  readonly int32: Int32ArrayConstructor;
  readonly uint32: Uint32ArrayConstructor;
  readonly int64: BigInt64ArrayConstructor;
  readonly uint64: BigUint64ArrayConstructor;
  readonly float32: Float32ArrayConstructor;
  readonly float64: Float64ArrayConstructor;
}

const arrayClasses: ArrayClasses = {
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** What the elements of a block are. */
export type Dtype = keyof ArrayClasses;

/** The elements of a block of dtype `D`. */
export type DataOf<D extends Dtype> = InstanceType<ArrayClasses[D]>;

/** One piece of an n-dimensional array: elements in row-major order, the last axis varying fastest. */
export class Block<D extends Dtype = Dtype> {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: DataOf<D>;

  constructor(dtype: D, shape: readonly number[], data: DataOf<D>) {
    assert(
      data.length === elementCount(shape),
      `a block of shape [${shape}] needs ${elementCount(shape)} elements, not ${data.length}`,
    );
    this.dtype = dtype;
    this.shape = shape;
    this.data = data;
  }
}

/** Elements of an array of this shape. */
function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Bytes of one element. */
export function elementBytes(dtype: Dtype): number {
  return arrayClasses[dtype].BYTES_PER_ELEMENT;
}

/** True if `text` names a dtype. */
export function isDtype(text: unknown): text is Dtype {
  return typeof text === "string" && Object.hasOwn(arrayClasses, text);
}

/** A block of zeros. */
export function makeBlock<D extends Dtype>(dtype: D, shape: readonly number[]): Block<D> {
  // One class per dtype literal: the table above is the proof that the cast holds.
  const data = new arrayClasses[dtype](elementCount(shape)) as DataOf<D>;
  return new Block(dtype, shape, data);
}

/** A block over `bytes`: a view of them where they are aligned, a copy where they are not. */
export function blockOfBytes(dtype: Dtype, shape: readonly number[], bytes: Uint8Array): Block {
  const Class = arrayClasses[dtype];
  const isAligned = bytes.byteOffset % Class.BYTES_PER_ELEMENT === 0;
  const aligned = isAligned ? bytes : new Uint8Array(bytes);
  const length = elementCount(shape);
  return new Block(
    dtype,
    shape,
    new Class(aligned.buffer as ArrayBuffer, aligned.byteOffset, length),
  );
}

/** The elements from `start` up to, not including, `end` per axis, as a block of its own. */
export function sliceBlock<D extends Dtype>(
  block: Block<D>,
  start: readonly number[],
  end: readonly number[],
): Block<D> {
  const shape = start.map((from, axis) => Math.max(0, (end[axis] ?? from) - from));
  const out = makeBlock(block.dtype, shape);
  const target = shape.map(() => 0);
  copyBox({ from: block, at: start, to: out, into: target, shape });
  return out;
}

/** Copies `part` into `whole` so that its first element comes to `at`. */
export function placeBlock<D extends Dtype>(
  whole: Block<D>,
  part: Block<D>,
  at: readonly number[],
): void {
  const start = at.map(() => 0);
  copyBox({ from: part, at: start, to: whole, into: at, shape: part.shape });
}

interface BoxCopy<D extends Dtype> {
  readonly from: Block<D>;
  readonly at: readonly number[];
  readonly to: Block<D>;
  readonly into: readonly number[];
  readonly shape: readonly number[];
}

/** Copies a box row by row: the last axis lies contiguous in both blocks. */
function copyBox<D extends Dtype>({ from, at, to, into, shape }: BoxCopy<D>): void {
  const rowLength = shape.at(-1) ?? 1;
  const rows = rowLength === 0 ? 0 : elementCount(shape) / rowLength;
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let source = at.at(-1) ?? 0;
    let target = into.at(-1) ?? 0;
    let sourceStride = from.shape.at(-1) ?? 1;
    let targetStride = to.shape.at(-1) ?? 1;
    for (let axis = shape.length - 2; axis >= 0; axis--) {
      const position = rest % (shape[axis] ?? 1);
      rest = Math.floor(rest / (shape[axis] ?? 1));
      source += ((at[axis] ?? 0) + position) * sourceStride;
      target += ((into[axis] ?? 0) + position) * targetStride;
      sourceStride *= from.shape[axis] ?? 1;
      targetStride *= to.shape[axis] ?? 1;
    }
    copyRow(from.data, to.data, { source, target, length: rowLength });
  }
}

function copyRow(
  from: DataOf<Dtype>,
  to: DataOf<Dtype>,
  { source, target, length }: { source: number; target: number; length: number },
): void {
  // Both arrays are of one dtype, so the element types agree.
  (to as Float64Array).set((from as Float64Array).subarray(source, source + length), target);
}
