import { equalStack } from '../equal-stack.ts';

/** The equal-feature stack as Powertools' documentation has it: the Logger tells the record, Metrics the metrics. */
export const handler = equalStack(({ level: _level, ...fields }, logger) => logger.info('tool called', fields));
