import { buildEqualStack } from '../equal-stack.ts';
import { redact } from '../manual-fields.ts';

/** The equal-feature stack with the record as metadata of the metrics: one line, as the wrapper writes it. */
export const handler = buildEqualStack((fields, _logger, metrics) => {
  for (const [key, value] of Object.entries(fields)) metrics.addMetadata(key, redact(key, value) as string);
});
