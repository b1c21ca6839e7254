import { MINUTE_MS } from '../../contract/durations.ts';

/**
 * How many custom notices one process of the notifier takes in a minute: of one writer, and of all. At most two run at the
 * same time, so people are notified of twice as many at most. The others wait in their queue, and after an hour among the
 * unread.
 */
const PER_WRITER = 10;
const PER_MINUTE = 30;

/** Says of each custom notice whether it may go now. A flood of one writer must not fill the channels of incidents. */
export class RateLimit {
  private readonly now: () => number;
  private admitted: { readonly writer: string; readonly at: number }[] = [];

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  admit(writer: string): boolean {
    const at = this.now();
    this.admitted = this.admitted.filter((each) => at - each.at < MINUTE_MS);
    const own = this.admitted.filter((each) => each.writer === writer).length;
    if (own >= PER_WRITER || this.admitted.length >= PER_MINUTE) return false;
    this.admitted.push({ writer, at });
    return true;
  }
}
