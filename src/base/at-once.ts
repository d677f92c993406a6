/**
 * Does `work` with each of `items`, for at most so many at once; none is begun once one has failed. An item is asked for
 * when there is room for it.
 */
export async function atOnce<T>(
  atOnceMax: number,
  items: Iterable<T> | AsyncIterable<T>,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const rest =
    Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let failed = false;
  const some = async (): Promise<void> => {
    try {
      for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
        if (failed) return;
        await work(next.value);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: atOnceMax }, some));
}
