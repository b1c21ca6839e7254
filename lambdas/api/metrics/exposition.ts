import { LAMBDA_ANSWER_LIMIT_BYTES, measureEmbedded } from '../../contract/answer-size.ts';
import { LONE_SURROGATES } from '../../contract/limits.ts';

/** `text` is Prometheus' own format, version 0.0.4; `openmetrics` is OpenMetrics 1.0.0, which also has exemplars. */
export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

export type Labels = Readonly<Record<string, string>>;

/** One call that is counted in a bucket. */
export interface Exemplar {
  traceId: string;
  /** As the bucket's bound is: in seconds. */
  value: number;
  /** In seconds since 1970. */
  at: number;
}

export interface Sample {
  /** What follows the family's name in that of the sample. A counter's `_total` is not written here. */
  suffix?: '_bucket' | '_sum' | '_count';
  labels: Labels;
  /** The upper bound of a bucket; it may be infinite. */
  le?: number;
  value: number;
  exemplar?: Exemplar | undefined;
}

export type MetricType = 'counter' | 'gauge' | 'histogram';

export interface Family {
  /** A counter's name without `_total`. */
  name: string;
  type: MetricType;
  help: string;
  /** The samples of each set of labels: they are shown or left out together. */
  series: Sample[][];
}

const ILL_FORMED = new RegExp(`\\0|${LONE_SURROGATES.source}`, 'gu');

/** A text as it can be shown. Two that differ become one only here, so it comes before anything is compared. */
export const toShowable = (text: string): string => text.replace(ILL_FORMED, '\ufffd');

const escapeText = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
const escapeValue = (value: string): string => escapeText(value).replaceAll('"', '\\"');

/** OpenMetrics writes the bound 1 as 1.0; Prometheus' own clients write it as 1 in the older format. */
const formatBound = (bound: number, format: Format): string => {
  if (bound === Number.POSITIVE_INFINITY) return '+Inf';
  return format === 'openmetrics' && Number.isInteger(bound) && Math.abs(bound) < 1e15 ? `${bound}.0` : `${bound}`;
};

const formatExemplar = ({ traceId, value, at }: Exemplar): string =>
  ` # {trace_id="${escapeValue(traceId)}"} ${value} ${at.toFixed(3)}`;

const formatSample = (family: Family, sample: Sample, format: Format): string => {
  const pairs = Object.entries(sample.labels)
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${label}="${escapeValue(value)}"`);
  if (sample.le !== undefined) pairs.push(`le="${formatBound(sample.le, format)}"`);
  const name = `${family.name}${family.type === 'counter' ? '_total' : (sample.suffix ?? '')}`;
  const exemplar = sample.exemplar && format === 'openmetrics' ? formatExemplar(sample.exemplar) : '';
  return `${name}${pairs.length > 0 ? `{${pairs.join()}}` : ''} ${sample.value}${exemplar}\n`;
};

const formatHead = ({ name, type, help }: Family, format: Format): string => {
  const shown = type === 'counter' && format === 'text' ? `${name}_total` : name;
  return `# HELP ${shown} ${escapeText(help)}\n# TYPE ${shown} ${type}\n`;
};

/** What the HTTP response around the text needs, and the family that says what was left out. */
const RESERVED_BYTES = 16_384;

/**
 * Writes families one after the other, as long as Lambda can deliver the answer. A family without samples is omitted.
 * What has no room is left out, one set of labels at a time, and counted.
 */
export const createExposition = (format: Format, limitBytes = LAMBDA_ANSWER_LIMIT_BYTES - RESERVED_BYTES) => {
  const parts: string[] = [];
  let bytes = 0;
  let leftOut = 0;
  const write = (family: Family, limit = limitBytes): void => {
    let head = formatHead(family, format);
    for (const samples of family.series) {
      const text = head + samples.map((sample) => formatSample(family, sample, format)).join('');
      const size = measureEmbedded(text);
      if (bytes + size > limit) {
        leftOut += 1;
        continue;
      }
      head = '';
      bytes += size;
      parts.push(text);
    }
  };
  return {
    write: (family: Family) => write(family),
    leftOut: () => leftOut,
    /** Writes the last family, for which there is always room, and returns the whole text. */
    finish: (last: Family): string => {
      write(last, Number.POSITIVE_INFINITY);
      return parts.join('') + (format === 'openmetrics' ? '# EOF\n' : '');
    },
  };
};
