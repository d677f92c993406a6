/** What a worker is prepared with: each has a module of its own, and so has each bundle. */
export const prepared: { table: number[]; times: number } = { table: [], times: 0 };
