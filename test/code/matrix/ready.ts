/** A module that takes a while to load. */
export const ready: number = await new Promise<number>((resolve) => {
  setImmediate(() => resolve(55));
});
