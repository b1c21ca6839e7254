import { TEXT_LIMIT_BYTES } from '../../contract/limits.ts';
import { toPlainId } from '../line/caller-text.ts';
import { isSensitiveKey } from '../privacy/sensitive-keys.ts';

/** What distinguishes the series of one metric. */
export type SeriesLabels = Readonly<Record<string, string | number | boolean>>;

/** Prometheus' own rules for names. */
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
const MAX_NAME_LENGTH = 100;
const MAX_LABELS = 8;
const MAX_VALUE_BYTES = 128;
/** For `_bucket` and the label `le`. */
const RESERVED_BYTES = 48;
/** Prometheus uses these for histograms and summaries. */
const RESERVED_LABELS = ['le', 'quantile'];

/** A key, or why there is none. */
export type SeriesKey = { name: string; labels: string } | { reason: string };

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function findProblemOfLabel(label: string, value: unknown): string | undefined {
  if (!LABEL_NAME.test(label) || label.length > MAX_NAME_LENGTH) return 'a label has a name that Prometheus forbids';
  if (RESERVED_LABELS.includes(label)) return `the label ${label} is Prometheus' own`;
  if (isSensitiveKey(label)) return `the label ${label} would hold a secret`;
  if (!['string', 'number', 'boolean'].includes(typeof value)) return `the label ${label} is no text`;
  if (Buffer.byteLength(String(value)) > MAX_VALUE_BYTES) {
    return `the value of the label ${label} has more than ${MAX_VALUE_BYTES} bytes`;
  }
  return undefined;
}

/** The name of a metric, as a sentence may repeat it. */
export function quoteName(name: unknown): string {
  return typeof name === 'string' && METRIC_NAME.test(name) ? name.slice(0, MAX_NAME_LENGTH) : 'with such a name';
}

/**
 * The key of a series as Prometheus writes it, in two parts: `orders_total` and `shop="a",state="new"`. A value that
 * looks like a secret becomes a hash; an empty value is the same as none.
 */
export function buildSeriesKey(name: unknown, labels: unknown): SeriesKey {
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    return { reason: 'Prometheus allows letters, digits, underscores and colons in a name' };
  }
  if (name.length > MAX_NAME_LENGTH) return { reason: `a name has at most ${MAX_NAME_LENGTH} characters` };
  if (typeof labels !== 'object' || labels === null) return { reason: 'its labels are no object' };
  const entries = Object.entries(labels).filter(([, value]) => value !== undefined && value !== '');
  if (entries.length > MAX_LABELS) return { reason: `a metric has at most ${MAX_LABELS} labels` };
  for (const [label, value] of entries) {
    const reason = findProblemOfLabel(label, value);
    if (reason !== undefined) return { reason };
  }
  const text = entries
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([label, value]) => `${label}="${escapeValue(toPlainId(String(value)))}"`)
    .join();
  return Buffer.byteLength(name + text) > TEXT_LIMIT_BYTES - RESERVED_BYTES
    ? { reason: `its name and labels have more than ${TEXT_LIMIT_BYTES - RESERVED_BYTES} bytes` }
    : { name, labels: text };
}

/** The key of a series on the line: `orders_total{shop="a"}`, or only the name. */
export function joinSeriesKey(name: string, ...labels: string[]): string {
  const text = labels.filter(Boolean).join();
  return text === '' ? name : `${name}{${text}}`;
}
