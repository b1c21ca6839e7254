/**
 * Decides about single calls: at random, drawn from a seed; or, without a seed, with exact shares that are evenly
 * spread.
 */
export interface Sampler {
  /** The time until the first call; 1 is the mean time from one call to the next. */
  firstGap(): number;
  /** The time from one call to the next. */
  gap(): number;
  /** Chooses one of `count` options by their current shares of all calls; returns its index, or -1 for none of them. */
  chooser(count: number): (shares: readonly number[]) => number;
  /** Draws a duration with this median and 95th percentile; without a percentile it is the median. */
  duration(median: number, p95: number | undefined): number;
}

const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;
/** The 95th percentile of the standard normal distribution. */
const Z95 = 1.6449;

/** The standard normal quantile, by Hastings’s rational approximation; accurate to a thousandth. */
const normalQuantile = (share: number): number => {
  const upper = share > 0.5 ? 1 - share : share;
  const t = Math.sqrt(-2 * Math.log(Math.max(upper, 1e-9)));
  const z =
    t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
  return share > 0.5 ? z : -z;
};

/** Numbers spread evenly over 0 to 1, so that any run of them has all quantiles in proportion. */
const evenlySpread = (): (() => number) => {
  let at = 0.5;
  return () => {
    at = (at + GOLDEN_RATIO) % 1;
    return at;
  };
};

const durationsFrom =
  (next: () => number): Sampler['duration'] =>
  (median, p95) =>
    p95 === undefined ? median : median * Math.exp((Math.log(p95 / median) / Z95) * normalQuantile(next()));

/** Chooses the option that is furthest behind its share. */
const createFairChooser = (count: number) => {
  const due = Array.from({ length: count + 1 }, () => 0);
  return (shares: readonly number[]): number => {
    const sharesWithNone = [...shares, 1 - shares.reduce((sum, share) => sum + share, 0)];
    let chosen = count;
    for (const [index, share] of sharesWithNone.entries()) {
      due[index] = (due[index] ?? 0) + share;
      if (share > 0 && (due[index] ?? 0) > (due[chosen] ?? 0)) chosen = index;
    }
    due[chosen] = (due[chosen] ?? 0) - 1;
    return chosen === count ? -1 : chosen;
  };
};

const createRandomChooser = (next: () => number) => () => (shares: readonly number[]) => {
  let left = next();
  return shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
};

/**
 * Numbers in [0, 1): Mulberry32, the same on every machine. Written out here because another generator, also that of a
 * library, draws other numbers: what a scenario with a seed expects holds for the calls that these numbers give.
 */
const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** The sampler of one stream of calls; streams with the same seed draw different numbers. */
export const createSampler = (seed: number | undefined, stream: number): Sampler => {
  if (seed === undefined) {
    return {
      firstGap: () => 0,
      gap: () => 1,
      chooser: createFairChooser,
      duration: durationsFrom(evenlySpread()),
    };
  }
  const next = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));
  const gap = () => -Math.log(1 - next());
  return { firstGap: gap, gap, chooser: createRandomChooser(next), duration: durationsFrom(next) };
};
