import { CaseList, type MatrixCase } from "./case.ts";

const list = new CaseList();

/** Constants, variables, recursion, generators: what closures take from scopes. */
export const valueCases: readonly MatrixCase[] = list.cases;

const factor = 3;
let changed = 1;
changed = 7;
const settled = await Promise.resolve(9);

function helper(y: number): number {
  return y + factor;
}
function even(n: number): boolean {
  return n === 0 ? true : odd(n - 1);
}
function odd(n: number): boolean {
  return n === 0 ? false : even(n - 1);
}
const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

list.works("arrow + const", () => (x: number) => x * factor, [4]);
list.works(
  "function + helper",
  () =>
    function task(x: number) {
      return helper(x);
    },
  [4],
);
list.works("declaration passed directly", () => helper, [4]);
list.works("snapshot of let", () => (x: number) => x + changed, [1]);
list.works("recursion declaration", () => {
  function fibonacci(n: number): number {
    return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
  }
  return fibonacci;
}, [10]);
list.works("recursion const arrow", () => factorial, [5]);
list.works(
  "named function expression recursion",
  () =>
    function me(n: number): number {
      return n ? n + me(n - 1) : 0;
    },
  [4],
);
list.works("mutual recursion", () => even, [10]);
list.works("loop let", () => {
  const made: ((x: number) => number)[] = [];
  for (let i = 0; i < 3; i++) made.push((x: number) => x + i);
  return made[1] ?? (() => -1);
}, [10]);
list.works("loop var", loopVar, [10]);
function loopVar(): (x: number) => number {
  const made: ((x: number) => number)[] = [];
  // biome-ignore lint/correctness/noInnerDeclarations: one scope for all rounds is what is tested
  for (var i = 0; i < 3; i++) made.push((x: number) => x + i);
  return made[1] ?? (() => -1);
}
list.works("nested + shadow", () => {
  const v = 1;
  const outer = () => {
    const v = 2;
    return () => {
      const w = v;
      return (x: number) => x + v + w;
    };
  };
  return [outer()(), () => v][0] ?? (() => v);
}, [1]);
list.works(
  "default parameters + destructuring",
  () =>
    (
      a: number,
      { b = factor, ...rest }: Record<string, number> = {},
      [c]: readonly number[] = [changed],
    ) => [a, b, c, rest],
  [1, { q: 1 }],
);
list.works(
  "async function",
  () => async (x: number) => {
    await Promise.resolve();
    return x * factor;
  },
  [2],
);
list.yields(
  "generator",
  () =>
    function* (n: number) {
      for (let i = 0; i < n; i++) yield i * factor;
    },
  [3],
);
list.yields(
  "async generator",
  () =>
    async function* (n: number) {
      for (let i = 0; i < n; i++) {
        await Promise.resolve();
        yield i * factor;
      }
    },
  [3],
);
list.works("top-level await value", () => () => settled);
list.works(
  "inner state",
  () => (n: number) => {
    let total = 0;
    const add = (q: number): void => {
      total += q;
    };
    for (let i = 0; i < n; i++) add(i);
    return total;
  },
  [5],
);
list.works(
  "function made from text",
  () => new Function("a", "return a + 1") as () => unknown,
  [4],
);
list.works("console and process", () => () => [
  typeof process.pid,
  typeof console.log,
  globalThis === global,
]);
list.works("captured process and console", () => {
  const p = process;
  const log = console.log;
  return () => [typeof p.pid, typeof log];
});
list.works("properties of a function", () => {
  const f = Object.assign((x: number): number => x + f.k, { k: 3 });
  return (x: number) => f(x) + f.k;
}, [1]);
list.works("bound function", () => {
  const holder = { z: 5 };
  function sum(this: { z: number }, a: number, b: number): number {
    return this.z + a + b;
  }
  const bound = sum.bind(holder, 10).bind(null, 1);
  return () => bound();
});
list.works("bound passed directly", () => {
  function sum(this: { z: number }, a: { q: number }, b: number): number {
    return this.z + a.q + b;
  }
  return sum.bind({ z: 1 }, { q: 2 });
}, [3]);
