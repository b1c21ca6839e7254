import { createRequire } from 'node:module';
import type { Logger } from '@aws-lambda-powertools/logger';
import { deploymentOf } from './deployment.ts';
import { redactingReplacer } from './redact.ts';
import type { Scope } from './scope.ts';
import { countDropped } from './stdout.ts';

/**
 * Powertools' Logger, loaded when an author first asks for it: importing it costs each cold start milliseconds, and most
 * calls log nothing. `require` is what loads at once; in a bundle it stands for code that is there already, and where
 * there is none, Node makes one.
 */
const loadLogger = (): typeof Logger => {
  const powertools: typeof import('@aws-lambda-powertools/logger') =
    typeof require === 'function'
      ? require('@aws-lambda-powertools/logger')
      : createRequire(import.meta.url)('@aws-lambda-powertools/logger');
  return powertools.Logger;
};

let base: Logger | undefined;

/** The call's own Powertools Logger, made when first asked for: every entry carries the thread, and secrets are redacted. */
export const loggerOf = (scope: Scope): Logger => {
  if (scope.logger) return scope.logger;
  base ??= new (loadLogger())({ serviceName: deploymentOf().service, jsonReplacerFn: redactingReplacer });
  const { call, trace_id } = scope.incoming;
  scope.logger = base.createChild({
    persistentKeys: { correlation_id: call.correlation_id, event_id: call.event_id, trace_id, tool: scope.site.name },
  });
  return scope.logger;
};

/** Logs for the wrapper itself; a logger that fails costs the call nothing and is counted. */
export const logQuietly = (
  scope: Scope,
  level: 'debug' | 'info' | 'warn',
  message: string,
  keys: Record<string, unknown>,
): void => {
  try {
    loggerOf(scope)[level](message, keys as Record<string, string>);
  } catch {
    countDropped();
  }
};
