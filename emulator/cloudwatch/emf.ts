import * as z from 'zod';
import type { MetricId } from './metrics.ts';

/** Limits of CloudWatch's embedded metric format. */
const MOST_METRICS = 100;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 100;
const OLDEST_MS = 14 * 86_400_000;
const NEWEST_MS = 2 * 3_600_000;
const HIGH_RESOLUTION_MS = 1_000;
const STANDARD_RESOLUTION_MS = 60_000;

export interface EmbeddedMetric {
  id: MetricId;
  values: number[];
  at: number;
  resolutionMs: number;
}

/** What a line holds: metrics, or the metric that CloudWatch counts such lines under. */
export type Extracted = { metrics: EmbeddedMetric[] } | { failed: 'EMFParsingErrors' | 'EMFValidationErrors' };

const named = z.string().min(1).max(1_024);
const directive = z.object({
  Namespace: named.regex(/^[^:]/),
  Dimensions: z.array(z.array(named).max(MOST_DIMENSIONS)),
  Metrics: z
    .array(z.object({ Name: named, Unit: z.string().optional(), StorageResolution: z.literal([1, 60]).optional() }))
    .max(MOST_METRICS),
});
const metadata = z.object({ Timestamp: z.number(), CloudWatchMetrics: z.array(directive) });

const values = z.union([z.number().transform((one) => [one]), z.array(z.number()).max(MOST_VALUES)]);
const dimension = z.string().min(1).max(1_024);

const INVALID = { failed: 'EMFValidationErrors' } as const;

const extractDirective = (
  root: Record<string, unknown>,
  { Namespace, Dimensions, Metrics }: z.infer<typeof directive>,
  at: number,
): EmbeddedMetric[] =>
  Dimensions.flatMap((set) => {
    const dimensions = Object.fromEntries(set.map((key) => [key, dimension.parse(root[key])]));
    return Metrics.filter(({ Name }) => root[Name] !== undefined).map(({ Name, StorageResolution }) => ({
      id: { namespace: Namespace, name: Name, dimensions },
      values: values.parse(root[Name]),
      at,
      resolutionMs: StorageResolution === 1 ? HIGH_RESOLUTION_MS : STANDARD_RESOLUTION_MS,
    }));
  });

const extractFrom = (root: Record<string, unknown>, now: number): Extracted => {
  const parsed = metadata.safeParse(root._aws);
  if (!parsed.success) return INVALID;
  const { Timestamp, CloudWatchMetrics } = parsed.data;
  if (Timestamp < now - OLDEST_MS || Timestamp > now + NEWEST_MS) return INVALID;
  try {
    return { metrics: CloudWatchMetrics.flatMap((one) => extractDirective(root, one, Timestamp)) };
  } catch {
    return INVALID; // a dimension that is no text, or a value that is no number
  }
};

/** The metrics in a log line; nothing when the line does not claim to have any. */
export const extractMetrics = (line: string, now: number): Extracted | undefined => {
  if (!line.includes('"CloudWatchMetrics"')) return undefined;
  let root: unknown;
  try {
    root = JSON.parse(line);
  } catch {
    return { failed: 'EMFParsingErrors' };
  }
  if (typeof root !== 'object' || root === null || !('_aws' in root)) return undefined;
  return extractFrom({ ...root }, now);
};
