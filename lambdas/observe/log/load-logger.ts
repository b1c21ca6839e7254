import type { Logger } from '@aws-lambda-powertools/logger';

type Powertools = typeof import('@aws-lambda-powertools/logger');

/**
 * Loads Powertools' Logger on first use: importing it costs each cold start milliseconds, and most calls log nothing.
 * Only `require` loads synchronously. esbuild and what is like it replace it by code that is in the bundle already, except
 * where our own tools are bundled, which have that code in a file beside theirs (`lib/bundle.ts`); webpack does so in
 * CommonJS only, and gets that by a condition of the package's exports. Where there is no `require`, Node creates one. A bundle must require a module of our own: given the package itself, bundlers would take its CommonJS
 * build, which needs a `require` that an ESM bundle has only with a banner.
 */
export function loadLogger(): typeof Logger {
  const powertools: Powertools =
    typeof require === 'function'
      ? require('./powertools-logger.mjs')
      : process.getBuiltinModule('node:module').createRequire(import.meta.url)('@aws-lambda-powertools/logger');
  return powertools.Logger;
}
