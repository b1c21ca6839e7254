/** Time, for everything here that waits or reads it: real in `npm start`, driven in tests. Milliseconds. */
export interface Clock {
  now(): number;
  /** Does the work once, after so long; the answer takes it back. */
  after(ms: number, work: () => unknown): () => void;
}

export const realClock = (): Clock => ({
  now: Date.now,
  after: (ms, work) => {
    // A longer timer would fire at once.
    const timer = setTimeout(work, Math.min(ms, 2 ** 31 - 1));
    return () => clearTimeout(timer);
  },
});

export interface DrivenClock extends Clock {
  /** Moves time on, doing in order what falls due and waiting for each to end. */
  advance(ms: number): Promise<void>;
}

interface Due {
  at: number;
  work: () => unknown;
}

export const drivenClock = (start: number): DrivenClock => {
  let now = start;
  const due = new Set<Due>();
  const next = (until: number): Due | undefined => {
    let first: Due | undefined;
    for (const one of due) if (one.at <= until && (!first || one.at < first.at)) first = one;
    return first;
  };
  return {
    now: () => now,
    after: (ms, work) => {
      const one = { at: now + ms, work };
      due.add(one);
      return () => due.delete(one);
    },
    advance: async (ms) => {
      const until = now + ms;
      for (let one = next(until); one; one = next(until)) {
        due.delete(one);
        now = Math.max(now, one.at);
        await one.work();
      }
      now = until;
    },
  };
};

/** Does the work at every multiple of `ms` since the epoch, plus `offsetMs`; the answer stops it. */
export const everyAligned = (clock: Clock, ms: number, offsetMs: number, work: () => unknown): (() => void) => {
  let cancel = () => {};
  const arm = () => {
    const now = clock.now();
    const next = (Math.floor((now - offsetMs) / ms) + 1) * ms + offsetMs;
    cancel = clock.after(next - now, () => {
      arm();
      return work();
    });
  };
  arm();
  return () => cancel();
};
