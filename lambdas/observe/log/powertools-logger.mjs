/** What `load-logger.ts` requires in a bundle. In JavaScript, because the package has it as a file of this name. */
export { Logger } from '@aws-lambda-powertools/logger';
