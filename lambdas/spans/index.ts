import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { readVariables } from '../contract/env/read-variables.ts';
import { spansEnv } from '../contract/env/spans.ts';
import { NAMESPACE, PIPELINE_METRICS } from '../contract/metrics.ts';
import { parseAs } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';
import { loadSecrets } from '../observe/secrets/load-secrets.ts';
import { linesOf } from '../subscription/envelope.ts';
import { isReject, parseRecord } from '../subscription/record.ts';
import { type SpansSent, sendSpans } from './send-spans.ts';
import { Resources, toSpan } from './to-span.ts';

/** The secret as a tool's facts would name it. */
const HEADERS = 'SPAN_HEADERS';
const headers = z.record(z.string(), z.string());

const start = () => {
  const { POWERTOOLS_SERVICE_NAME: serviceName, SPANS_ENDPOINT, SPANS_HEADERS } = readVariables(spansEnv);
  return {
    endpoint: SPANS_ENDPOINT,
    hasHeaders: SPANS_HEADERS === 'secret',
    resources: new Resources(process.env.AWS_REGION),
    logger: new Logger({ serviceName }),
    metrics: new Metrics({ namespace: NAMESPACE, serviceName }),
  };
};

let parts: ReturnType<typeof start> | undefined;

const readHeaders = async (hasHeaders: boolean): Promise<Record<string, string>> => {
  if (!hasHeaders) return {};
  const { [HEADERS]: text } = await loadSecrets([HEADERS]);
  return parseAs(headers, parseJson(text), 'The secret of the headers, a JSON object of names and values,');
};

/**
 * Receives lines of calls from the log subscription and sends each as a span by OTLP. Throws when the receiver does not
 * take them: then Lambda tries again, and at last `AsyncEventsDropped` says that they are only in the log.
 */
export const handler = async (event: unknown): Promise<SpansSent> => {
  parts ??= start();
  const { endpoint, hasHeaders, resources, logger, metrics } = parts;
  // Lines that are no records are found, retained and reported by ingest.
  const spans = linesOf(event)
    .map(parseRecord)
    .flatMap((outcome) => (isReject(outcome) ? [] : [toSpan(outcome, resources)]));
  const result = await readHeaders(hasHeaders)
    .then((headers) => sendSpans({ endpoint, headers }, spans))
    .catch((error: Error) => {
      logger.warn('The receiver did not take the spans', { error, spans: spans.length });
      throw error;
    });
  if (result.refused > 0) {
    logger.error('The receiver refused some spans', { ...result });
    metrics.addMetric(PIPELINE_METRICS.spansRefused, MetricUnit.Count, result.refused);
    metrics.publishStoredMetrics();
  }
  return result;
};
