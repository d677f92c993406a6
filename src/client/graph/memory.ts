import type { MemoryStatement } from "../../plan/lower-context.ts";

/** Memory of delayed calls: only the user knows, so nothing beyond what `memory:` declares is claimed. */
export const nothingHeld: MemoryStatement = { class: "declared", operation: 0, output: 0 };
