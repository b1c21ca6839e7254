/** A series of one's own, as it stands on the line: `orders_total{shop="a"}`. */
export interface OwnSeries {
  name: string;
  labels: Record<string, string>;
}

/** Prometheus' rules for names. */
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const PAIR = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"(,|$)/y;
/** What a plain measure may be called, beside letters and digits, to become a name by replacement. */
const REPLACEABLE = /^[a-zA-Z0-9_:. /-]+$/;

export const isMetricName = (name: string): boolean => METRIC_NAME.test(name);

const readEscapes = (text: string): string =>
  text.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));

const parseLabels = (text: string): Record<string, string> | undefined => {
  const labels = new Map<string, string>();
  const pair = new RegExp(PAIR);
  while (pair.lastIndex < text.length) {
    const [, label = '', value = '', separator] = pair.exec(text) ?? [];
    const isLast = pair.lastIndex === text.length;
    if (label === '' || labels.has(label) || label.startsWith('__') || isLast !== (separator === '')) return undefined;
    labels.set(label, readEscapes(value));
  }
  // To Prometheus an empty value is the same as no label.
  return Object.fromEntries([...labels].filter(([, value]) => value !== ''));
};

/**
 * The series that a measure or a gauge is, by its key. A plain name that Prometheus forbids gets underscores; undefined
 * for what can be no series.
 */
export const parseSeriesKey = (key: string): OwnSeries | undefined => {
  const brace = key.indexOf('{');
  if (brace === -1) {
    const name = REPLACEABLE.test(key) ? key.replace(/[^a-zA-Z0-9_:]/g, '_').replace(/^(?=\d)/, '_') : '';
    return isMetricName(name) ? { name, labels: {} } : undefined;
  }
  const name = key.slice(0, brace);
  if (!isMetricName(name) || !key.endsWith('}')) return undefined;
  const labels = parseLabels(key.slice(brace + 1, -1));
  return labels && { name, labels };
};
