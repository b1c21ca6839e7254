/** Limits requests: each takes one token, and without one it is rejected. */
export interface TokenBucket {
  take(): boolean;
}

/** A bucket that gains `rate` tokens a second, up to `burst`. */
export const createTokenBucket = ({ rate, burst }: { rate: number; burst: number }, now: () => number): TokenBucket => {
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
