import { patchSource } from "../support/patch-source.ts";
import { plantedBugs, plantedBugVariable } from "./planted-bugs.ts";

const wanted = process.env[plantedBugVariable];
const planted = plantedBugs.find(({ name }) => name === wanted);
if (planted === undefined) throw new Error(`${plantedBugVariable}: no planted bug "${wanted}"`);
patchSource({ file: planted.file, text: planted.text, replacement: planted.bug });
