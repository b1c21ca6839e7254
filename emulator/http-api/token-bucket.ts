/** A bucket that fills at `rate` tokens a second up to `burst`. Each request takes one; without one it is too many. */
export const tokenBucket = ({ rate, burst }: { rate: number; burst: number }, now: () => number) => {
  let tokens = burst;
  let filledAt = now();
  return {
    take: (): boolean => {
      const at = now();
      tokens = Math.min(burst, tokens + ((at - filledAt) / 1_000) * rate);
      filledAt = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
};
