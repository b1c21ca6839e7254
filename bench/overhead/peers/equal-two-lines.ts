import { buildEqualStack } from '../equal-stack.ts';

/** The equal-feature stack as Powertools' documentation shows it: the Logger writes the record, Metrics the metrics. */
export const handler = buildEqualStack(({ level: _level, ...fields }, logger) => logger.info('tool called', fields));
