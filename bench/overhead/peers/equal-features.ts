import { redacting } from '../by-hand.ts';
import { equalStack } from '../equal-stack.ts';

/** The equal-feature stack with the record as metadata of the metrics: one line, as the wrapper writes it. */
export const handler = equalStack((fields, _logger, metrics) => {
  for (const [key, value] of Object.entries(fields)) metrics.addMetadata(key, redacting(key, value) as string);
});
