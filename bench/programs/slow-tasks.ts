/** Tasks that take a second and a half in all: long enough that progress is shown. */
import { compute, delayed } from "../../src/index.ts";

const spin = delayed((k: number) => {
  const end = performance.now() + 250;
  while (performance.now() < end);
  return k;
});
const results = await compute(...Array.from({ length: 12 }, (_, k) => spin(k)));
if (results.length !== 12) throw new Error("results are missing");
