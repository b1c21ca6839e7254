import * as z from 'zod';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import type { MetricId } from './metrics.ts';

/** Limits of CloudWatch's embedded metric format, documented under "Specification: Embedded metric format". */
const MAX_METRICS = 100;
const MAX_DIMENSIONS = 30;
const MAX_VALUES = 100;
const MAX_TEXT_LENGTH = 1_024;
const MAX_AGE_MS = 14 * DAY_MS;
const MAX_AHEAD_MS = 2 * HOUR_MS;
const HIGH_RESOLUTION_MS = 1_000;
const STANDARD_RESOLUTION_MS = MINUTE_MS;

/** Values of one metric in a log line. */
interface EmbeddedMetric {
  id: MetricId;
  values: number[];
  at: number;
  resolutionMs: number;
}

/** What a line contains: metrics, or an error, by the name of the metric in which CloudWatch counts such lines. */
export type Extraction = { metrics: EmbeddedMetric[] } | { failed: 'EMFParsingErrors' | 'EMFValidationErrors' };

const name = z.string().min(1).max(MAX_TEXT_LENGTH);
const directive = z.object({
  Namespace: name.regex(/^[^:]/),
  Dimensions: z.array(z.array(name).max(MAX_DIMENSIONS)),
  Metrics: z
    .array(z.object({ Name: name, Unit: z.string().optional(), StorageResolution: z.literal([1, 60]).optional() }))
    .max(MAX_METRICS),
});
const metadata = z.object({ Timestamp: z.number(), CloudWatchMetrics: z.array(directive) });

const metricValues = z.union([z.number().transform((value) => [value]), z.array(z.number()).max(MAX_VALUES)]);
const dimensionValue = z.string().min(1).max(MAX_TEXT_LENGTH);

const INVALID = { failed: 'EMFValidationErrors' } as const;

/** Throws when a dimension is not text or a value is not a number. */
const readDirective = (
  root: Record<string, unknown>,
  { Namespace, Dimensions, Metrics }: z.infer<typeof directive>,
  at: number,
): EmbeddedMetric[] =>
  Dimensions.flatMap((keys) => {
    const dimensions = Object.fromEntries(keys.map((key) => [key, dimensionValue.parse(root[key])]));
    return Metrics.filter(({ Name }) => root[Name] !== undefined).map(({ Name, StorageResolution }) => ({
      id: { namespace: Namespace, name: Name, dimensions },
      values: metricValues.parse(root[Name]),
      at,
      resolutionMs: StorageResolution === 1 ? HIGH_RESOLUTION_MS : STANDARD_RESOLUTION_MS,
    }));
  });

const readMetadata = (root: Record<string, unknown>, now: number): Extraction => {
  const parsed = metadata.safeParse(root._aws);
  if (!parsed.success) return INVALID;
  const { Timestamp, CloudWatchMetrics } = parsed.data;
  if (Timestamp < now - MAX_AGE_MS || Timestamp > now + MAX_AHEAD_MS) return INVALID;
  try {
    return { metrics: CloudWatchMetrics.flatMap((entry) => readDirective(root, entry, Timestamp)) };
  } catch {
    return INVALID;
  }
};

/** The metrics in a log line; undefined when the line does not claim to have any. */
export const extractMetrics = (line: string, now: number): Extraction | undefined => {
  if (!line.includes('"CloudWatchMetrics"')) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(line);
  } catch {
    return { failed: 'EMFParsingErrors' };
  }
  if (typeof root !== 'object' || root === null || !('_aws' in root)) return undefined;
  return readMetadata({ ...root }, now);
};
