// Loaded before a program: says at the end, on the last line of stdout, which of the library's modules were loaded.
import { registerHooks } from "node:module";

const loaded: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    const [, file] = url.split("/src/");
    if (file !== undefined) loaded.push(file);
    return nextLoad(url, context);
  },
});
process.on("exit", () => console.log(JSON.stringify(loaded)));
