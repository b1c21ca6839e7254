import { formatProgressLine, PROGRESS_INTERVAL_MS, PROGRESS_MESSAGE_LENGTH } from '../../contract/progress.ts';
import { loggerOf } from '../log/call-logger.ts';
import { toPlainText } from '../privacy/redact.ts';
import type { ReportProgress, Scope } from './scope.ts';

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

interface Report {
  done: number;
  total: number | undefined;
  message: string | undefined;
}

/** Sends reports of one call, each further than the one before, and none once the call's outcome is decided. */
class ProgressReporter {
  readonly #scope: Scope;
  readonly #write: (line: string) => void;
  #sentDone = -1;
  #sentAtMs = Number.NEGATIVE_INFINITY;
  #latest: Report | undefined;
  #timer: NodeJS.Timeout | undefined;
  #hasWarned = false;

  constructor(scope: Scope, write: (line: string) => void) {
    this.#scope = scope;
    this.#write = write;
  }

  report(done: unknown, total: unknown, message: unknown): void {
    if (this.#scope.hasOutcome) return;
    const isValid =
      isAmount(done) &&
      (total === undefined || isAmount(total)) &&
      (message === undefined || typeof message === 'string');
    if (!isValid) {
      this.#warn();
      return;
    }
    if (done <= (this.#latest?.done ?? this.#sentDone)) return;
    this.#latest = { done, total, message };
    const waitMs = this.#sentAtMs + PROGRESS_INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), waitMs).unref();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const report = this.#latest;
    this.#latest = undefined;
    if (!report || this.#scope.hasOutcome) return;
    const { done, total, message } = report;
    this.#sentDone = done;
    this.#sentAtMs = performance.now();
    this.#write(
      formatProgressLine({
        progress: done,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message: toPlainText(message, PROGRESS_MESSAGE_LENGTH) }),
      }),
    );
  }

  #warn(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    loggerOf(this.#scope).warn('A report of progress was ignored: it takes finite numbers from 0 on, and a text');
  }
}

/** Reports a call's progress to `write`. The function never throws: reporting cannot break a tool. */
export function createProgress(scope: Scope, write: (line: string) => void): ReportProgress {
  const reporter = new ProgressReporter(scope, write);
  return (done, total, message) => {
    try {
      reporter.report(done, total, message);
    } catch {
      // Whoever reads the stream may have gone.
    }
  };
}
