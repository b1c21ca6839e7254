import { currentScope } from '../call/scope.ts';
import { toRoute } from '../event/http-exchange.ts';
import { countDropped } from '../line/stdout.ts';
import { createUuidV7 } from '../line/uuid.ts';
import { recordMeasure } from '../series/own-metrics.ts';
import { loggerOf, processLogger } from './call-logger.ts';

/** What an entry may have beside its message: an error, and keys of its own. Secrets are redacted. */
type Extra = Error | Record<string, unknown>;

const LEVELS = ['debug', 'info', 'warn', 'error', 'critical'] as const;
type Level = (typeof LEVELS)[number];
type Log = (message: string, ...extra: Extra[]) => void;

/** A logger for any code. Inside a call its entries have the call's ids. It never throws. */
export interface EntryWriter extends Record<Level, Log> {
  /** Adds to a figure: of the running call, else of the process. */
  metric(name: string, value: number, unit?: string): void;
  /** The same logger with more keys on each entry. */
  child(keys: Record<string, unknown>): EntryWriter;
}

function write(level: Level, keys: Record<string, unknown>, message: string, extra: Extra[]): void {
  try {
    const scope = currentScope();
    const logger = scope ? loggerOf(scope) : processLogger();
    logger[level](message, ...([keys, ...extra] as unknown as [Error]));
  } catch {
    countDropped();
  }
}

function createWriter(keys: Record<string, unknown>): EntryWriter {
  const at =
    (level: Level): Log =>
    (message, ...extra) =>
      write(level, keys, message, extra);
  return {
    ...(Object.fromEntries(LEVELS.map((level) => [level, at(level)])) as Record<Level, Log>),
    metric: recordMeasure,
    child: (further) => createWriter({ ...keys, ...further }),
  };
}

/** A logger for code inside and outside calls; `name` is on each of its entries, as `logger`. */
export function getLogger(name?: string): EntryWriter {
  return createWriter(name === undefined ? {} : { logger: name });
}

/** What distinguishes a request in the log. */
export interface RequestKeys {
  /** Default: the correlation id of the running call, else a new id. */
  requestId?: string;
  method?: string;
  path?: string;
  [key: string]: unknown;
}

/** A logger whose entries say which request they belong to. */
export function createRequestLogger({ requestId, method, path, ...keys }: RequestKeys = {}): EntryWriter {
  return createWriter({
    ...keys,
    request_id: requestId ?? currentScope()?.incoming.call.correlation_id ?? createUuidV7(Date.now()),
    ...(method !== undefined && { method }),
    ...(path !== undefined && { route: toRoute(path) }),
  });
}
