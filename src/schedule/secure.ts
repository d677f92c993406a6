import type { ContentName } from "../base/ids.ts";
import type { Fragment } from "../plan/fragment.ts";
import { type Blobs, blobsOf } from "./blobs.ts";
import type { DriveJob } from "./drive-job.ts";
import type { JobState, StageState } from "./state.ts";
import type { StoredNames } from "./stored-names.ts";

/**
 * Pins all names that a job uses, those of stages that other jobs brought included, and sends the captured data.
 * `undefined` if nothing has to be waited for.
 */
export function secure(
  { names, blobs }: { readonly names: StoredNames; readonly blobs: Blobs },
  driven: DriveJob,
  { fragment, machine }: { readonly fragment: Fragment; readonly machine: JobState | undefined },
): Promise<void> | undefined {
  const { run, ownNames } = driven.job;
  const stages = [...needed(machine, (name) => names.isUsed(run, name))].map(({ stage }) => stage);
  const captured = stages.flatMap((stage) => [...blobsOf(stage)]);
  const used = new Set(stages.map(({ name }) => name));
  for (const name of used) driven.names.add(name);
  const own = ownNames ? fragment.stages.map(({ name }) => name) : [];
  for (const name of own) used.delete(name);
  const waits = [names.useOwn(own), names.use(run, [...used, ...new Set(captured)])];
  const open = waits.filter((wait) => wait !== undefined);
  if (captured.length > 0) return Promise.all(open).then(() => blobs.put(stages));
  return open.length === 0 ? undefined : Promise.all(open).then(() => undefined);
}

/** The job's stages and all below them. What a name in use was made of is in use too, and is not visited again. */
function needed(
  job: JobState | undefined,
  isUsed: (name: ContentName) => boolean,
): ReadonlySet<StageState> {
  const stages = new Set(job?.stages);
  // A set gives what is added to it on the way too.
  for (const { stage, slots } of stages) {
    if (isUsed(stage.name)) continue;
    for (const { producer } of slots) stages.add(producer);
  }
  return stages;
}
