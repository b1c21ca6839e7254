import type { Metrics } from './metrics.ts';

/** A query of CloudWatch Metrics Insights, of the one shape alarms here use. */
export interface InsightsQuery {
  statistic: string;
  metric: string;
  namespace: string;
  /** Metrics have exactly these dimensions. */
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

const QUERY =
  /^SELECT (AVG|SUM|MIN|MAX|COUNT)\((\w+)\) FROM SCHEMA\("([^"]+)", ([\w, ]+)\)(?: WHERE (.+?))? GROUP BY (\w+) ORDER BY (?:AVG|SUM|MIN|MAX|COUNT)\(\)(?: ASC| DESC)?$/;

/** Reads a query. Throws, quoting it, when it has another shape. */
export const parseInsights = (text: string): InsightsQuery => {
  const [, called = '', metric = '', namespace = '', dimensions = '', where, groupBy = ''] =
    QUERY.exec(text.trim()) ?? [];
  const statistic = FUNCTIONS[called];
  const conditions = (where?.split(' AND ') ?? []).map((one) => /^(\w+) = '([^']*)'$/.exec(one));
  if (!statistic || conditions.includes(null)) throw new Error(`The local run cannot read the query ${text}`);
  return {
    statistic,
    metric,
    namespace,
    dimensions: dimensions.split(',').map((one) => one.trim()),
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
  const wanted = [...query.dimensions].sort().join();
  const found = metrics
    .find(query.namespace, query.metric)
    .filter(({ dimensions }) => Object.keys(dimensions).sort().join() === wanted)
    .filter(({ dimensions }) => query.where.every(({ dimension, value }) => dimensions[dimension] === value));
  return new Map(
    found.map((metric) => [
      metric.dimensions[query.groupBy] ?? '',
      starts.map((start) => metrics.statistic(metric, query.statistic, start, start + periodMs)?.value),
    ]),
  );
};
