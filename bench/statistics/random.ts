import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { mersenne } from 'pure-rand/generator/mersenne';

/** Numbers in [0, 1), the same sequence for the same seed; adjacent seeds give unrelated sequences. */
export const createRandom = (seed: number): (() => number) => {
  const generator = mersenne(seed);
  return () => uniformFloat64(generator);
};
