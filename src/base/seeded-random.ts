/** A seeded stream of random numbers: the same seed gives the same numbers everywhere. */
export interface Random {
  /** A float in [0, 1) with 32 random bits. */
  next(): number;
  /** A whole number in [0, below). */
  below(below: number): number;
  /** An independent stream named by `salt`. */
  split(salt: number): Random;
}

/** Mixes a word so that words next to each other have nothing in common (the end of splitmix32): one to one. */
function mixed(word: number): number {
  let z = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
  return (z ^ (z >>> 16)) >>> 0;
}

/** A seeded generator. Algorithm: sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const mix = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    return mixed(state);
  };
  let a = mix();
  let b = mix();
  let c = mix();
  let counter = 1;
  const bits = (): number => {
    const t = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = ((((c << 21) | (c >>> 11)) >>> 0) + t) >>> 0;
    return t;
  };
  for (let i = 0; i < 12; i++) bits();
  return {
    next: () => bits() / 0x1_0000_0000,
    below: (below) => Math.floor((bits() / 0x1_0000_0000) * below),
    // Each mixed by itself and in its own way: else one seed's streams would be another's, further on.
    split: (salt) => seededRandom(mixed(seed ^ 0x5bd1e995) + mixed(salt + 0x9e3779b9)),
  };
}
