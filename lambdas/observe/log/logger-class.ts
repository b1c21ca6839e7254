import type { Logger } from '@aws-lambda-powertools/logger';
import { formatEntry } from '../../contract/log-text.ts';
import { countDropped } from '../line/stdout.ts';
import { applyEntryForm } from './entry-form.ts';
import { isColoured, isTerminal } from './terminal.ts';

type LoggerClass = typeof Logger;
type Entry = Record<string, unknown>;

/** Powertools' Logger with what a call adds to it, which its children have too. */
export interface CallLogger extends Logger {
  /** Adds to a figure of the call, as `measure` does. */
  metric(name: string, value: number, unit?: string): void;
  createChild(...options: Parameters<Logger['createChild']>): CallLogger;
}

/** The same, as the wrapper prepares it. */
export interface EntryLogger extends CallLogger {
  /** True when DEBUG entries are written at INFO: at a function that logs from INFO, Lambda drops others. */
  promotesDebug: boolean;
}

/** Extends the class on first use, because loading Powertools costs each cold start milliseconds. */
export function extendLogger(Base: LoggerClass): new (options: object) => EntryLogger {
  return class ObservedLogger extends Base implements EntryLogger {
    promotesDebug = false;
    metric: CallLogger['metric'] = countDropped;

    override debug(...entry: Parameters<Logger['debug']>): void {
      const [message, ...extra] = entry;
      if (this.promotesDebug) super.info(message, ...([...extra, { debug: true }] as typeof extra));
      else super.debug(message, ...extra);
    }

    override createChild(...options: Parameters<Logger['createChild']>): ObservedLogger {
      const child = super.createChild(...options) as ObservedLogger;
      child.promotesDebug = this.promotesDebug;
      child.metric = this.metric;
      return child;
    }

    protected override createLogger(options?: ConstructorParameters<LoggerClass>[0]): Logger {
      return new ObservedLogger(options);
    }

    /** What cannot be written is counted, and is no reason to fail the call that logged it. */
    protected override printLog(...[level, log]: Parameters<Logger['printLog']>): void {
      try {
        log.prepareForPrint();
        log.setAttributes(applyEntryForm(log.getAttributes()) as ReturnType<typeof log.getAttributes>);
        if (isTerminal()) process.stdout.write(`${formatEntry(this.#toPlain(log.getAttributes()), isColoured())}\n`);
        else super.printLog(level, log);
      } catch {
        countDropped();
      }
    }

    #toPlain(entry: object): Entry {
      return JSON.parse(JSON.stringify(entry, this.getJsonReplacer()));
    }
  };
}
