/**
 * A strict parser of what a scraper is answered: of Prometheus' text format 0.0.4 and of OpenMetrics 1.0.0. Throws at the
 * first line that breaks a rule of the format, also where Prometheus itself would be lenient.
 */
interface ParsedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
  exemplar?: { labels: Record<string, string>; value: number; at: number };
}
export interface ParsedFamily {
  name: string;
  type: string;
  help: string;
  samples: ParsedSample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const PAIR = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
const NUMBER = '(?:[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|\\+Inf|-Inf|NaN)';
const HEAD = new RegExp(`^# (HELP|TYPE) (${NAME}) (.*)$`);
const SAMPLE = new RegExp(
  `^(${NAME})(?:\\{(${PAIR}(?:,${PAIR})*)?\\})? (${NUMBER})(?: # \\{(${PAIR}(?:,${PAIR})*)?\\} (${NUMBER}) (${NUMBER}))?$`,
);

const SUFFIXES: Record<string, string[]> = {
  gauge: [''],
  counter: ['_total'],
  histogram: ['_bucket', '_sum', '_count'],
};

const fail = (line: string, reason: string): never => {
  throw new Error(`${reason}: ${line.slice(0, 300)}`);
};

const parseNumber = (text: string): number => {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text);
};

const parseLabels = (line: string, text = ''): Record<string, string> => {
  const labels: Record<string, string> = Object.create(null);
  for (const [, label = '', value = ''] of text.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)) {
    if (label in labels) fail(line, `the label ${label} occurs twice`);
    if (label.startsWith('__')) fail(line, `the label ${label} is reserved`);
    labels[label] = value.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
  }
  return labels;
};

const parseSample = (line: string): ParsedSample => {
  const [, name = '', labels, value = '', exemplar, exemplarValue, exemplarAt] =
    SAMPLE.exec(line) ?? fail(line, 'no sample');
  return {
    name,
    labels: parseLabels(line, labels),
    value: parseNumber(value),
    ...(exemplarValue !== undefined && {
      exemplar: { labels: parseLabels(line, exemplar), value: Number(exemplarValue), at: Number(exemplarAt) },
    }),
  };
};

/** The buckets of one set of labels ascend, end with all, and agree with the count. */
const checkHistogram = ({ name, samples }: ParsedFamily, isOpenMetrics: boolean): void => {
  const sets = new Map<string, ParsedSample[]>();
  for (const sample of samples) {
    const { le: _, ...others } = sample.labels;
    const key = JSON.stringify(Object.entries(others).sort());
    sets.set(key, [...(sets.get(key) ?? []), sample]);
  }
  for (const [key, set] of sets) {
    const buckets = set.filter((sample) => sample.name.endsWith('_bucket'));
    const bounds = buckets.map(({ labels }) => parseNumber(labels.le ?? 'NaN'));
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) fail(`${name} ${key}`, 'no bucket holds all');
    bounds.forEach((bound, at) => {
      if (!(bound > (bounds[at - 1] ?? Number.NEGATIVE_INFINITY))) fail(`${name} ${key}`, 'bounds do not ascend');
      if ((buckets[at]?.value ?? 0) < (buckets[at - 1]?.value ?? 0))
        fail(`${name} ${key}`, 'buckets are not cumulative');
      const { labels, exemplar } = buckets[at] ?? fail(name, 'no bucket');
      if (isOpenMetrics && !/[.e]|^\+Inf$/.test(labels.le ?? '')) fail(`${name} ${labels.le}`, 'no canonical number');
      if (exemplar && !(exemplar.value <= bound && exemplar.value > (bounds[at - 1] ?? Number.NEGATIVE_INFINITY)))
        fail(`${name} ${key}`, 'an exemplar is in the wrong bucket');
    });
    const counts = set.filter((sample) => sample.name.endsWith('_count'));
    const sums = set.filter((sample) => sample.name.endsWith('_sum'));
    if (counts.length !== sums.length) fail(`${name} ${key}`, 'a sum without a count');
    if (counts[0] && counts[0].value !== buckets.at(-1)?.value)
      fail(`${name} ${key}`, 'the count is not the last bucket');
  }
};

const checkFamily = (family: ParsedFamily, isOpenMetrics: boolean): void => {
  const { name, type, samples } = family;
  const base = !isOpenMetrics && type === 'counter' ? name.replace(/_total$/, '') : name;
  if (type === 'counter' && name.endsWith('_total') === isOpenMetrics) fail(name, 'a counter with the wrong name');
  const allowed = (SUFFIXES[type] ?? fail(name, `the unknown type ${type}`)).map((suffix) => base + suffix);
  const seen = new Set<string>();
  if (samples.length === 0) fail(name, 'a family without samples');
  for (const sample of samples) {
    if (!allowed.includes(sample.name)) fail(sample.name, `no sample of the ${type} ${name}`);
    if (sample.name.endsWith('_bucket') && type === 'histogram' ? !('le' in sample.labels) : 'le' in sample.labels)
      fail(sample.name, 'the label le is missing, or has no place');
    if (type !== 'gauge' && !(sample.value >= 0)) fail(sample.name, `${sample.value} is no count`);
    if (sample.exemplar && (!isOpenMetrics || !sample.name.endsWith('_bucket')))
      fail(sample.name, 'an exemplar out of place');
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).sort()]);
    if (seen.has(key)) fail(key, 'a series twice');
    seen.add(key);
  }
  if (type === 'histogram') checkHistogram(family, isOpenMetrics);
};

/** The families of a whole answer, by name. */
export const parseExposition = (text: string, format: 'text' | 'openmetrics'): Map<string, ParsedFamily> => {
  const isOpenMetrics = format === 'openmetrics';
  if (!text.endsWith('\n')) fail(text.slice(-50), 'no line feed at the end');
  const lines = text.slice(0, -1).split('\n');
  if (isOpenMetrics && lines.pop() !== '# EOF') fail(text.slice(-50), 'no # EOF at the end');
  const families = new Map<string, ParsedFamily>();
  const owners = new Map<string, string>();
  let current: ParsedFamily | undefined;
  for (const line of lines) {
    const [, keyword, name = '', rest = ''] = HEAD.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (families.has(name)) fail(line, 'a family twice');
      current = { name, type: '', help: rest, samples: [] };
      families.set(name, current);
    } else if (keyword === 'TYPE') {
      if (current?.name !== name || current.type !== '' || current.samples.length > 0)
        fail(line, 'a type out of place');
      if (current) current.type = rest;
    } else {
      const sample = parseSample(line);
      if (!current?.type) fail(line, 'a sample before its type');
      current?.samples.push(sample);
      const owner = owners.get(sample.name) ?? current?.name ?? '';
      if (owner !== current?.name) fail(line, `a sample of ${owner} in ${current?.name}`);
      owners.set(sample.name, owner);
    }
  }
  for (const family of families.values()) checkFamily(family, isOpenMetrics);
  return families;
};

/** The value of one series, such as `tool_executions_total{status="success",tool="a"}`; labels in alphabetical order. */
export const valueIn = (families: Map<string, ParsedFamily>, series: string): number | undefined => {
  for (const { samples } of families.values())
    for (const { name, labels, value } of samples) {
      const pairs = Object.entries(labels)
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([label, text]) => `${label}=${JSON.stringify(text)}`);
      if (`${name}${pairs.length > 0 ? `{${pairs.join()}}` : ''}` === series) return value;
    }
  return undefined;
};
