import type { Call, CallsReport } from '../../lambdas/contract/api/calls.ts';
import { MINUTE_MS } from '../../lambdas/contract/durations.ts';

/** Asks for calls that began from a time on, the newest first; `after` goes on with an earlier answer. */
export type ReadCalls = (from: string, after: string | undefined) => Promise<CallsReport>;

/** Calls reach the store after they end, and not in the order in which they began: so far back is looked again. */
const OVERLAP_MS = 5 * MINUTE_MS;
/** With more calls than so many pages have, older ones are left out; if some of them are new, they are said to be. */
const MAX_PAGES = 10;

interface NewCalls {
  /** In the order in which they began. */
  readonly calls: readonly Call[];
  /** Whether older new calls were left out. Calls that reach the store late are not counted. */
  readonly isPart: boolean;
}

/** Follows calls: each `read` returns those that were not there before, once each. */
export class CallFollower {
  private readonly readCalls: ReadCalls;
  /** When each call began that may be read again, by its id. */
  private readonly seen = new Map<string, number>();
  private readonly startMs: number;
  private from: number;

  constructor(readCalls: ReadCalls, nowMs: number) {
    this.readCalls = readCalls;
    this.startMs = nowMs;
    this.from = nowMs;
  }

  /** Throws what `readCalls` throws; the next read then begins where this one did. */
  async read(): Promise<NewCalls> {
    const found: Call[] = [];
    let after: string | undefined;
    let pages = 0;
    // Everything older than an already printed page was printed too.
    let isNewToTheEnd: boolean;
    do {
      const page = await this.readCalls(new Date(this.from).toISOString(), after);
      const added = page.calls.filter(({ event_id }) => !this.seen.has(event_id));
      found.push(...added);
      isNewToTheEnd = added.length === page.calls.length;
      after = page.next ?? undefined;
      pages += 1;
    } while (after !== undefined && pages < MAX_PAGES);
    this.remember(found);
    return { calls: found.reverse(), isPart: after !== undefined && isNewToTheEnd };
  }

  private remember(calls: readonly Call[]): void {
    for (const { event_id, started_at } of calls) this.seen.set(event_id, Date.parse(started_at));
    const newest = Math.max(this.from, ...calls.map(({ started_at }) => Date.parse(started_at) - OVERLAP_MS));
    this.from = Math.max(this.startMs, newest);
    for (const [id, at] of this.seen) if (at < this.from) this.seen.delete(id);
  }
}
