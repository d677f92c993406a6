import type { Fragment } from "../plan/fragment.ts";
import type { Stage } from "../plan/stage.ts";
import { type Blobs, blobsOf } from "./blobs.ts";
import type { Job } from "./driver.ts";
import type { StoredNames } from "./stored-names.ts";

/**
 * Pins all names that a job uses, those of `stages` that other jobs brought included, and sends the captured data.
 * `undefined` if nothing has to be waited for.
 */
export function secure(
  { names, blobs }: { readonly names: StoredNames; readonly blobs: Blobs },
  { run, ownNames }: Job,
  { fragment, stages }: { readonly fragment: Fragment; readonly stages: readonly Stage[] },
): Promise<void> | undefined {
  const captured = stages.flatMap((stage) => [...blobsOf(stage)]);
  const used = new Set(stages.map(({ name }) => name));
  const own = ownNames ? fragment.stages.map(({ name }) => name) : [];
  for (const name of own) used.delete(name);
  const waits = [names.useOwn(own), names.use(run, [...used, ...new Set(captured)])];
  const open = waits.filter((wait) => wait !== undefined);
  if (captured.length > 0) return Promise.all(open).then(() => blobs.put(stages));
  return open.length === 0 ? undefined : Promise.all(open).then(() => undefined);
}
