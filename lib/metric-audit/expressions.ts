/** What the expressions of CloudWatch read: metric math, Metrics Insights and SEARCH. */

/** Metrics that an expression selects by its own words, with any value of the dimensions it does not state. */
export interface SelectedMetrics {
  readonly namespace: string;
  readonly name: string;
  /** The exact names of the dimensions; undefined where the expression accepts any. */
  readonly dimensions: readonly string[] | undefined;
  /** The values that it states. */
  readonly values: Readonly<Record<string, string>>;
}

const INSIGHTS =
  /^\s*SELECT\s+\w+\("?([\w.-]+)"?\)\s+FROM\s+(?:SCHEMA\(\s*"([^"]+)"\s*((?:,\s*"?[\w.-]+"?\s*)*)\)|"([^"]+)")(?:\s+WHERE\s+(.*?))?(?:\s+(?:GROUP|ORDER|LIMIT)\b.*)?$/s;
const CONDITION = /"?([\w.-]+)"?\s*=\s*'([^']*)'/g;
const SEARCH = /SEARCH\(\s*'\{([^}]*)\}([^']*)'/g;
const SEARCH_TERM = /"?([\w.-]+)"?\s*=\s*"?([^"\s]+)"?/g;

export const isInsightsQuery = (expression: string): boolean => /^\s*SELECT\b/.test(expression);

const unquote = (text: string): string => text.trim().replace(/^"(.*)"$/, '$1');

/** What a Metrics Insights query reads; undefined when it has a form that is not understood. */
export function parseInsightsQuery(expression: string): SelectedMetrics | undefined {
  const [, name, schema, dimensions = '', namespace = schema, where = ''] = INSIGHTS.exec(expression) ?? [];
  if (name === undefined || namespace === undefined) return undefined;
  return {
    namespace,
    name,
    dimensions: schema === undefined ? undefined : dimensions.split(',').map(unquote).filter(Boolean),
    values: Object.fromEntries([...where.matchAll(CONDITION)].map(([, key = '', value = '']) => [key, value])),
  };
}

/** What the searches in an expression read; one without a metric's name reads the name ``. */
export const parseSearches = (expression: string): SelectedMetrics[] =>
  [...expression.matchAll(SEARCH)].map(([, schema = '', terms = '']) => {
    const [namespace = '', ...dimensions] = schema.split(',').map(unquote);
    const { MetricName: name = '', ...values } = Object.fromEntries(
      [...terms.matchAll(SEARCH_TERM)].map(([, key = '', value = '']) => [key, value]),
    );
    return { namespace, name, dimensions, values };
  });

/** The ids of other queries that an expression of metric math uses. Ids begin with a lower-case letter. */
export const idsIn = (expression: string): string[] =>
  [...expression.replaceAll(/'[^']*'|"[^"]*"/g, '').matchAll(/(?<![\w.])[a-z]\w*(?!\w*\()/g)].map(([id]) => id);
