/** What decides about the single call: chance drawn from a seed, or, without one, exact shares evenly spread. */
export interface Chance {
  /** Minutes until the first call, and between one and the next. */
  firstGap(perMinute: number): number;
  gap(perMinute: number): number;
  /** Chooses one of so many, by the share each has at the moment; -1 for none of them. */
  chooser(count: number): (shares: readonly number[]) => number;
  /** Draws durations with this median and 95th percentile; without the latter all are the median. */
  durations(median: number, p95: number | undefined): () => number;
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
/** The 95th percentile of the standard normal distribution. */
const Z95 = 1.6449;

/** Mulberry32: small, fast, and the same on every machine. */
const random = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

/** The standard normal quantile, by Hastings’s rational approximation; good to a thousandth. */
const normalQuantile = (share: number): number => {
  const upper = share > 0.5 ? 1 - share : share;
  const t = Math.sqrt(-2 * Math.log(Math.max(upper, 1e-9)));
  const z =
    t - (2.515517 + 0.802853 * t + 0.010328 * t * t) / (1 + 1.432788 * t + 0.189269 * t * t + 0.001308 * t * t * t);
  return share > 0.5 ? z : -z;
};

/** Evenly scattered over 0 to 1: any stretch of them has all quantiles in proportion. */
const scattered = (): (() => number) => {
  let at = 0.5;
  return () => {
    at = (at + GOLDEN) % 1;
    return at;
  };
};

const durationsFrom =
  (next: () => number): Chance['durations'] =>
  (median, p95) => {
    if (p95 === undefined) return () => median;
    const spread = Math.log(p95 / median) / Z95;
    return () => median * Math.exp(spread * normalQuantile(next()));
  };

/** Whoever is furthest behind what is due to it comes next. */
const fairChooser = (count: number) => {
  const due = Array.from({ length: count + 1 }, () => 0);
  return (shares: readonly number[]): number => {
    const all = [...shares, 1 - shares.reduce((sum, share) => sum + share, 0)];
    let first = count;
    for (const [index, share] of all.entries()) {
      due[index] = (due[index] ?? 0) + share;
      if (share > 0 && (due[index] ?? 0) > (due[first] ?? 0)) first = index;
    }
    due[first] = (due[first] ?? 0) - 1;
    return first === count ? -1 : first;
  };
};

const drawnChooser = (next: () => number) => () => (shares: readonly number[]) => {
  let left = next();
  return shares.findIndex((share) => {
    left -= share;
    return left < 0;
  });
};

/** Of one stream of calls; streams of one seed differ. */
export const chanceOf = (seed: number | undefined, stream: number): Chance => {
  if (seed === undefined) {
    return {
      firstGap: () => 0,
      gap: (perMinute) => 1 / perMinute,
      chooser: fairChooser,
      durations: durationsFrom(scattered()),
    };
  }
  const next = random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b));
  const gap = (perMinute: number) => -Math.log(1 - next()) / perMinute;
  return { firstGap: gap, gap, chooser: drawnChooser(next), durations: durationsFrom(next) };
};
