import type { Metrics } from './metrics.ts';

/** A query of CloudWatch Metrics Insights that groups by one dimension, the only kind the emulator reads. */
export interface InsightsQuery {
  statistic: string;
  metric: string;
  namespace: string;
  /** A metric matches when it has exactly these dimensions. */
  dimensions: string[];
  where: { dimension: string; value: string }[];
  groupBy: string;
}

const FUNCTIONS: Record<string, string> = {
  AVG: 'Average',
  SUM: 'Sum',
  MIN: 'Minimum',
  MAX: 'Maximum',
  COUNT: 'SampleCount',
};

const AGGREGATE = '(?:AVG|SUM|MIN|MAX|COUNT)';
const QUERY = new RegExp(
  [
    `^SELECT (${AGGREGATE})\\((\\w+)\\)`,
    'FROM SCHEMA\\("([^"]+)", ([\\w, ]+)\\)(?: WHERE (.+?))?',
    'GROUP BY (\\w+)',
    `ORDER BY ${AGGREGATE}\\(\\)(?: ASC| DESC)?$`,
  ].join(' '),
);

/** Parses a query. Throws, quoting it, when it has another shape. */
export const parseInsights = (text: string): InsightsQuery => {
  const [, aggregate = '', metric = '', namespace = '', dimensions = '', where, groupBy = ''] =
    QUERY.exec(text.trim()) ?? [];
  const statistic = FUNCTIONS[aggregate];
  const conditions = (where?.split(' AND ') ?? []).map((condition) => /^(\w+) = '([^']*)'$/.exec(condition));
  if (!statistic || conditions.includes(null)) throw new Error(`The emulator cannot read the query ${text}`);
  return {
    statistic,
    metric,
    namespace,
    dimensions: dimensions.split(',').map((dimension) => dimension.trim()),
    where: conditions.map((match) => ({ dimension: match?.[1] ?? '', value: match?.[2] ?? '' })),
    groupBy,
  };
};

/** The values of the grouped dimension, each with the statistic over each period that begins at one of `starts`. */
export const runInsights = (
  query: InsightsQuery,
  metrics: Metrics,
  starts: readonly number[],
  periodMs: number,
): Map<string, (number | undefined)[]> => {
  const wantedDimensions = [...query.dimensions].sort().join();
  const found = metrics
    .find(query.namespace, query.metric)
    .filter(({ dimensions }) => Object.keys(dimensions).sort().join() === wantedDimensions)
    .filter(({ dimensions }) => query.where.every(({ dimension, value }) => dimensions[dimension] === value));
  return new Map(
    found.map((metric) => [
      metric.dimensions[query.groupBy] ?? '',
      starts.map((start) => metrics.statistic(metric, query.statistic, start, start + periodMs)?.value),
    ]),
  );
};
