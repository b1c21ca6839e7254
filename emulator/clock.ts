/** Durations in milliseconds. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** With a longer delay `setTimeout` fires immediately. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** The time that everything in the emulator reads and waits by: the machine's, or a test's. Milliseconds. */
export interface Clock {
  now(): number;
  /** Does the work once, after `ms`; the returned function cancels it. */
  after(ms: number, work: () => unknown): () => void;
}

/**
 * The machine's own time. Timers of Node count by another clock and may end a millisecond before `now` says so, or a
 * month after which they cannot count further: work is done when its time has come by `now`, and not before.
 */
export const createRealClock = (): Clock => ({
  now: Date.now,
  after: (ms, work) => {
    const at = Date.now() + ms;
    let timer: NodeJS.Timeout;
    const wait = () => {
      const left = at - Date.now();
      // What has stopped may have timers left; whoever still runs listens on a port.
      timer = setTimeout(() => (Date.now() < at ? wait() : work()), Math.min(left, MAX_TIMER_MS)).unref();
    };
    wait();
    return () => clearTimeout(timer);
  },
});

/** A clock whose time passes only when it is advanced. */
export interface DrivenClock extends Clock {
  /** Moves time on by `ms`: does all work that falls due, in order, and waits for each piece to end. */
  advance(ms: number): Promise<void>;
}

interface ScheduledWork {
  at: number;
  work: () => unknown;
}

const findNextDue = (scheduled: Iterable<ScheduledWork>, until: number): ScheduledWork | undefined => {
  let first: ScheduledWork | undefined;
  for (const entry of scheduled) {
    if (entry.at <= until && (!first || entry.at < first.at)) first = entry;
  }
  return first;
};

/** A clock for tests and simulations that begins at `start`. */
export const createDrivenClock = (start: number): DrivenClock => {
  let now = start;
  const scheduled = new Set<ScheduledWork>();
  return {
    now: () => now,
    after: (ms, work) => {
      const entry = { at: now + ms, work };
      scheduled.add(entry);
      return () => scheduled.delete(entry);
    },
    advance: async (ms) => {
      const until = now + ms;
      for (let entry = findNextDue(scheduled, until); entry; entry = findNextDue(scheduled, until)) {
        scheduled.delete(entry);
        now = Math.max(now, entry.at);
        await entry.work();
      }
      now = until;
    },
  };
};

/** Does the work at every multiple of `ms` since the epoch, plus `offsetMs`; the returned function ends this. */
export const repeatAligned = (clock: Clock, ms: number, offsetMs: number, work: () => unknown): (() => void) => {
  let cancel = () => {};
  const scheduleNext = () => {
    const now = clock.now();
    const next = (Math.floor((now - offsetMs) / ms) + 1) * ms + offsetMs;
    cancel = clock.after(next - now, () => {
      scheduleNext();
      return work();
    });
  };
  scheduleNext();
  return () => cancel();
};
