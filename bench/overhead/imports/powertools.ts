import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** Powertools' Logger and Metrics alone. */
export const loaded = [Logger, Metrics];
