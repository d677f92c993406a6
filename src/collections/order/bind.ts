import { type LazyStructure, laziesIn, replaceLazies } from "../../client/lazy-structure.ts";
import { doneNode } from "./done.ts";
import { type RemakeOptions, remakeOptions } from "./remake-options.ts";
import { Remaker } from "./remaker.ts";

/**
 * The same collections under other names, of which nothing runs before all of `parents` were computed: for work that
 * must come after other work without taking its value, such as reading what the other wrote. Parents may be futures;
 * both may be lists, records, Maps and Sets of collections.
 * @example
 * ```ts
 * const write = delayed(() => writeFileSync("note.txt", "done"), { pure: false })();
 * const read = delayed(() => readFileSync("note.txt", "utf8"))();
 * console.log(await bind(read, write).compute()); // → done
 * ```
 */
export function bind<T extends LazyStructure>(
  children: T,
  parents: LazyStructure,
  options?: RemakeOptions,
): T {
  const where = "bind";
  const { salt, omit } = remakeOptions(where, options);
  laziesIn([children], `${where}: children`);
  const noParents = Array.isArray(parents) && parents.length === 0;
  const first = noParents ? [] : laziesIn([parents], `${where}: parents`);
  const after = first.length === 0 ? undefined : doneNode(first, { stored: false });
  const remaker = new Remaker({ where, salt, omit, after });
  return replaceLazies(children, (lazy) => remaker.remake(lazy)) as T; // Lazies became lazies of their kind.
}
