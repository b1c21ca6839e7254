import { createRequire } from 'node:module';
import type { Logger } from '@aws-lambda-powertools/logger';

/**
 * Loads Powertools' Logger on first use: importing it costs each cold start milliseconds, and most calls log nothing.
 * Only `require` loads synchronously. A bundler replaces it by code that is in the bundle already; where there is no
 * `require`, Node creates one. A bundle must require a module of our own: given the package itself, bundlers would take
 * its CommonJS build, which needs a `require` that an ESM bundle has only with a banner.
 */
export function loadLogger(): typeof Logger {
  const powertools: typeof import('@aws-lambda-powertools/logger') =
    typeof require === 'function'
      ? require('./logger.ts')
      : createRequire(import.meta.url)('@aws-lambda-powertools/logger');
  return powertools.Logger;
}
