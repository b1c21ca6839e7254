/** The module that `load-logger.ts` requires in a bundle. */
export { Logger } from '@aws-lambda-powertools/logger';
