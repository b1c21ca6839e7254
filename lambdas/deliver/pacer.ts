/**
 * Holds the rate of a channel. As many batches of it as Lambda allows run at the same time and do not know of each other,
 * so each lets that many intervals pass from one request to the next, and after its last one before it ends.
 */
export class Pacer {
  private readonly gapMs: number;
  private readonly now: () => number;
  private readonly sleep: (ms: number) => Promise<unknown>;
  private lastAt: number | undefined;

  constructor(gapMs: number, now: () => number, sleep: (ms: number) => Promise<unknown>) {
    this.gapMs = gapMs;
    this.now = now;
    this.sleep = sleep;
  }

  /** Resolves when the next request may begin; at once before the first. */
  async next(): Promise<void> {
    await this.rest();
    this.lastAt = this.now();
  }

  /** Resolves when another batch may begin. */
  async rest(): Promise<void> {
    const waitMs = this.lastAt === undefined ? 0 : this.lastAt + this.gapMs - this.now();
    if (waitMs > 0) await this.sleep(waitMs);
  }
}
