/** Number of positions in a row-major grid. */
export function gridCount(grid: readonly number[]): number {
  let count = 1;
  for (let axis = 0; axis < grid.length; axis++) count *= item(grid, axis);
  return count;
}

/** Coordinate of position `index` on `axis`. */
export function coordinate(grid: readonly number[], index: number, axis: number): number {
  let rest = index;
  for (let a = grid.length - 1; a > axis; a--) rest = Math.floor(rest / item(grid, a));
  return rest % item(grid, axis);
}

/** All coordinates of position `index`. */
export function coordinates(grid: readonly number[], index: number): number[] {
  return grid.map((_, axis) => coordinate(grid, index, axis));
}

/** Position of the coordinates. */
export function positionOf(grid: readonly number[], at: readonly number[]): number {
  let position = 0;
  for (let axis = 0; axis < grid.length; axis++) {
    position = position * item(grid, axis) + item(at, axis);
  }
  return position;
}

/** `list[i]`, which the caller knows is there: mappings are walked a million times, so nothing is checked here. */
export function item<T>(list: ArrayLike<T>, i: number): T {
  return list[i] as T;
}
