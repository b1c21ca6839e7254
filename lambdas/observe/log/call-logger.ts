import { readDeployment } from '../call/deployment.ts';
import type { Scope } from '../call/scope.ts';
import { toMethod, toRoute } from '../event/http-exchange.ts';
import { formatClaimedId, formatUserId } from '../line/caller-text.ts';
import { countDropped } from '../line/stdout.ts';
import { loadLogger } from './load-logger.ts';
import { type CallLogger, type EntryLogger, extendLogger } from './logger-class.ts';
import { redactEntry } from './redact-entry.ts';

let base: EntryLogger | undefined;

/** The Powertools Logger of the process, created on first use, for what happens outside calls. */
export function processLogger(): CallLogger {
  base ??= new (extendLogger(loadLogger()))({ serviceName: readDeployment().service, jsonReplacerFn: redactEntry });
  return base;
}

/** What a call's entries have in common: its ids, and whose call and which request it is, as its line says it. */
function keysOf({ incoming: { call, trace_id }, operation, request }: Scope): Record<string, string> {
  return {
    correlation_id: call.correlation_id,
    event_id: call.event_id,
    trace_id,
    tool: operation.name,
    ...(call.user_id && { user_id: JSON.parse(formatUserId(call.user_id)) as string }),
    ...(call.session_id && { session_id: JSON.parse(formatClaimedId(call.session_id)) as string }),
    ...(request && { method: toMethod(request.method) }),
    ...(request?.route !== undefined && { route: toRoute(request.route) }),
  };
}

/** The call's own Powertools Logger, created on first use: every entry has the call's keys, and secrets are redacted. */
export function loggerOf(scope: Scope): CallLogger {
  if (scope.logger) return scope.logger;
  const logger = processLogger().createChild({ persistentKeys: keysOf(scope) }) as EntryLogger;
  logger.promotesDebug = scope.logsDebug;
  scope.logger = logger;
  return logger;
}

/** Lets further entries have keys that changed since the logger was created. */
export function renewKeys(scope: Scope): void {
  scope.logger?.appendPersistentKeys(keysOf(scope));
}

/** Logs an entry of the wrapper itself; an error of the logger does not fail the call, but counts as a lost entry. */
export function logQuietly(
  scope: Scope | undefined,
  level: 'debug' | 'info' | 'warn',
  message: string,
  keys: Record<string, unknown>,
): void {
  try {
    (scope ? loggerOf(scope) : processLogger())[level](message, keys as Record<string, string>);
  } catch {
    countDropped();
  }
}
