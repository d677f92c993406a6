import { registerHooks } from "node:module";
import { plantedBugs, plantedBugVariable } from "./planted-bugs.ts";

const wanted = process.env[plantedBugVariable];
const planted = plantedBugs.find(({ name }) => name === wanted);
if (planted === undefined) throw new Error(`${plantedBugVariable}: no planted bug "${wanted}"`);
const { file, text, bug } = planted;

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(`/src/${file}`)) return loaded;
    const source = Buffer.from(loaded.source as Uint8Array | string).toString();
    if (!source.includes(text)) throw new Error(`src/${file} does not hold: ${text}`);
    return { ...loaded, source: source.replace(text, () => bug) };
  },
});
