// The embedded default, on the store that the environment names.
import { delayed } from "../../../src/index.ts";

console.log(await delayed(() => "done")().compute());
