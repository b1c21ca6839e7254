import type { Logger } from '@aws-lambda-powertools/logger';
import { formatForTerminal, isTerminal } from './terminal-entry.ts';

type LoggerClass = typeof Logger;

/** Powertools' Logger that can write DEBUG entries as INFO, and that is readable on a terminal. */
export interface EntryLogger extends Logger {
  /** True when DEBUG entries are written at INFO: at a function that logs from INFO, Lambda drops others. */
  promotesDebug: boolean;
}

/** Extends the class on first use, because loading Powertools costs each cold start milliseconds. */
export const extendLogger = (Base: LoggerClass): (new (options: object) => EntryLogger) =>
  class ObservedLogger extends Base implements EntryLogger {
    promotesDebug = false;

    override debug(...entry: Parameters<Logger['debug']>): void {
      const [message, ...extra] = entry;
      if (this.promotesDebug) super.info(message, ...([...extra, { debug: true }] as typeof extra));
      else super.debug(message, ...extra);
    }

    protected override createLogger(options?: ConstructorParameters<LoggerClass>[0]): Logger {
      return new ObservedLogger(options);
    }

    protected override printLog(...[level, log]: Parameters<Logger['printLog']>): void {
      if (!isTerminal()) {
        super.printLog(level, log);
        return;
      }
      log.prepareForPrint();
      process.stdout.write(
        `${formatForTerminal(JSON.parse(JSON.stringify(log.getAttributes(), this.getJsonReplacer())))}\n`,
      );
    }
  };
