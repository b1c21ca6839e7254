import type { Logger } from '@aws-lambda-powertools/logger';
import { readDeployment } from '../call/deployment.ts';
import type { Scope } from '../call/scope.ts';
import { countDropped } from '../line/stdout.ts';
import { redactReplacer } from '../privacy/redact.ts';
import { loadLogger } from './load-logger.ts';
import { type EntryLogger, extendLogger } from './logger-class.ts';

let base: EntryLogger | undefined;

/** The Powertools Logger of the process, created on first use, for what happens outside calls. */
export const processLogger = (): Logger => {
  base ??= new (extendLogger(loadLogger()))({ serviceName: readDeployment().service, jsonReplacerFn: redactReplacer });
  return base;
};

/** The call's own Powertools Logger, created on first use: every entry has the call's ids, and secrets are redacted. */
export const loggerOf = (scope: Scope): Logger => {
  if (scope.logger) return scope.logger;
  const { call, trace_id } = scope.incoming;
  const logger = processLogger().createChild({
    persistentKeys: {
      correlation_id: call.correlation_id,
      event_id: call.event_id,
      trace_id,
      tool: scope.operation.name,
    },
  }) as EntryLogger;
  logger.promotesDebug = scope.logsDebug;
  scope.logger = logger;
  return logger;
};

/** Logs an entry of the wrapper itself; an error of the logger does not fail the call, but counts as a lost entry. */
export const logQuietly = (
  scope: Scope | undefined,
  level: 'debug' | 'info' | 'warn',
  message: string,
  keys: Record<string, unknown>,
): void => {
  try {
    (scope ? loggerOf(scope) : processLogger())[level](message, keys as Record<string, string>);
  } catch {
    countDropped();
  }
};
