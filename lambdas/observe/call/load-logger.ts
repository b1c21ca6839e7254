import { createRequire } from 'node:module';
import type { Logger } from '@aws-lambda-powertools/logger';

/**
 * Powertools' Logger, loaded when an author first asks for it: importing it costs each cold start milliseconds, and most
 * calls log nothing. `require` is what loads at once; in a bundle it stands for code that is there already, and where
 * there is none, Node makes one. In a bundle a module of our own must be required: of the package itself bundlers would
 * take the CommonJS, which needs a `require` that a bundle in ESM has only by a banner.
 */
export const loadLogger = (): typeof Logger => {
  const powertools: typeof import('@aws-lambda-powertools/logger') =
    typeof require === 'function'
      ? require('./logger.ts')
      : createRequire(import.meta.url)('@aws-lambda-powertools/logger');
  return powertools.Logger;
};
