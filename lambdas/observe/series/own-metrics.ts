import { isMeasure, MEASURE_LIMIT, MEASURES_LIMIT } from '../../contract/limits.ts';
import { addMeasure, admitsMeasureName, toMeasureName, toName } from '../call/gather.ts';
import { refuse } from '../call/refuse.ts';
import { currentScope, type Scope } from '../call/scope.ts';
import { addPending, setPending } from './pending.ts';
import { buildSeriesKey, joinSeriesKey, quoteName, type SeriesKey, type SeriesLabels } from './series-key.ts';

/** Counts what happens; it never goes down. */
export interface Counter {
  add(amount?: number): void;
}

/** A figure that goes up and down; the latest value counts, and is never added to another. */
export interface Gauge {
  set(value: number): void;
}

/** Counts observed values by size. */
export interface Histogram {
  observe(value: number): void;
}

/** A process may have this many series of its own: labels must not be made of data without end. */
const MAX_SERIES = 1_000;
const MAX_METRICS = 200;
const MAX_BUCKETS = 24;
/** Seconds, as most of Prometheus' clients have them. */
const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const WRONG_BOUNDS = `its bounds are not 1 to ${MAX_BUCKETS} ascending numbers`;

/** True for the bounds of a histogram, and for a metric that has none. */
function areBounds(bounds: readonly number[] | undefined): boolean {
  return (
    bounds === undefined ||
    (Array.isArray(bounds) &&
      bounds.length > 0 &&
      bounds.length <= MAX_BUCKETS &&
      bounds.every((bound, index) => isMeasure(bound) && (index === 0 || bound > (bounds[index - 1] ?? bound))))
  );
}

type MetricType = 'counter' | 'gauge' | 'histogram';

/** What each metric of the process is: one name is one type, with one set of bounds. */
const metrics = new Map<string, string>();
const series = new Set<string>();

/** Why a series may not be, beside what others there are; undefined when it may. */
function findConflict(name: string, definition: string, key: string): string | undefined {
  const known = metrics.get(name);
  if (known !== undefined && known !== definition) return `there is a ${known.split(' ')[0]} of this name`;
  if (known === undefined && metrics.size >= MAX_METRICS) return `a process has at most ${MAX_METRICS} metrics`;
  if (!series.has(key) && series.size >= MAX_SERIES) return `a process has at most ${MAX_SERIES} series`;
  return undefined;
}

/** The two parts of a series' key, once it is known to be one; undefined when it is refused, which is counted. */
type FindKey = () => { name: string; labels: string } | undefined;

/** Examines a series, and remembers it when it may be. Labels may be anything, also what cannot be read. */
function checkSeries(type: MetricType, name: string, labels: SeriesLabels, bounds?: readonly number[]): SeriesKey {
  if (!areBounds(bounds)) return { reason: WRONG_BOUNDS };
  try {
    const built = buildSeriesKey(name, labels);
    if ('reason' in built) return built;
    const definition = `${type} ${bounds?.join() ?? ''}`;
    const key = joinSeriesKey(built.name, built.labels);
    const reason = findConflict(name, definition, key);
    if (reason !== undefined) return { reason };
    metrics.set(name, definition);
    series.add(key);
    return built;
  } catch {
    return { reason: 'its labels cannot be read' };
  }
}

/** Names and labels are examined when the series is used, because nothing happens at import. */
function createFindKey(type: MetricType, name: string, labels: SeriesLabels, bounds?: readonly number[]): FindKey {
  let found: ReturnType<FindKey>;
  return () => {
    if (found) return found;
    const checked = checkSeries(type, name, labels, bounds);
    if ('reason' in checked) refuse(currentScope(), `The ${type} ${quoteName(name)} was dropped: ${checked.reason}.`);
    else found = checked;
    return found;
  };
}

function refuseValue(type: MetricType, name: string, expected: string): void {
  refuse(currentScope(), `A value of the ${type} ${quoteName(name)} was dropped: it is no ${expected}.`);
}

/** Adds to a sum of the call if it has room for it. Undefined when it has none, false when the sum is not exact. */
function addWithinCall(scope: Scope | undefined, key: string, value: number): boolean | undefined {
  const known = scope?.measures?.get(key);
  if (!scope || (known === undefined && (scope.measures?.size ?? 0) >= MEASURES_LIMIT)) return undefined;
  const sum = (known ?? 0) + value;
  if (!isMeasure(sum)) return false;
  scope.measures ??= new Map();
  scope.measures.set(key, sum);
  return true;
}

/** Adds to the sum of a series: on the line of the running call while it has room, else on a line of its own. */
function addToSeries(type: MetricType, name: string, key: string, value: number): void {
  const isAdded = addWithinCall(currentScope(), key, value) ?? addPending(key, value);
  if (!isAdded) refuseValue(type, name, 'part of an exact sum');
}

/** A counter of one's own, such as `orders_total`: a measure whose name is that of the series. */
export function counter(name: string, labels: SeriesLabels = {}): Counter {
  const findKey = createFindKey('counter', name, labels);
  return {
    add(amount = 1) {
      const key = findKey();
      if (!key) return;
      if (!isMeasure(amount) || amount < 0) refuseValue('counter', name, `number from 0 to ${MEASURE_LIMIT}`);
      else addToSeries('counter', name, joinSeriesKey(key.name, key.labels), amount);
    },
  };
}

/** This many gauges have room on the line of a call, beside its other metadata. */
const MAX_GAUGES_PER_CALL = 16;

function hasRoomForGauge({ gauges }: Scope, key: string): boolean {
  return gauges === undefined || gauges.has(key) || gauges.size < MAX_GAUGES_PER_CALL;
}

function setGauge(key: string, value: number): void {
  const scope = currentScope();
  if (!scope || !hasRoomForGauge(scope, key)) {
    setPending(key, value);
    return;
  }
  scope.gauges ??= new Map();
  scope.gauges.set(key, value);
}

/** A gauge of one's own, such as `queue_depth`. It is written when it is set, and not again. */
export function gauge(name: string, labels: SeriesLabels = {}): Gauge {
  const findKey = createFindKey('gauge', name, labels);
  return {
    set(value) {
      const key = findKey();
      if (!key) return;
      if (isMeasure(value)) setGauge(joinSeriesKey(key.name, key.labels), value);
      else refuseValue('gauge', name, `number within ±${MEASURE_LIMIT}`);
    },
  };
}

/**
 * A histogram of one's own, such as `parcel_weight_kilograms`. `bounds` are the upper bounds of its buckets, ascending.
 * Each value is counted in one bucket only, and added to the sum.
 */
export function histogram(
  name: string,
  labels: SeriesLabels = {},
  bounds: readonly number[] = DEFAULT_BUCKETS,
): Histogram {
  const findKey = createFindKey('histogram', name, labels, bounds);
  return {
    observe(value) {
      const key = findKey();
      if (!key) return;
      if (!isMeasure(value)) {
        refuseValue('histogram', name, `number within ±${MEASURE_LIMIT}`);
        return;
      }
      const bound = bounds.find((upper) => value <= upper);
      addToSeries('histogram', name, joinSeriesKey(`${key.name}_bucket`, key.labels, `le="${bound ?? '+Inf'}"`), 1);
      addToSeries('histogram', name, joinSeriesKey(`${key.name}_sum`, key.labels), value);
    },
  };
}

function findProblemOfPending(key: string, value: number): string | undefined {
  if (key === '') return 'A measure was dropped: its name is empty or no text.';
  if (!admitsMeasureName(key)) return 'A measure was dropped: the process has too many names of measures.';
  return isMeasure(value) ? undefined : `The measure ${toName(key)} was dropped: its value is no number.`;
}

/** Adds to a business figure: of the running call, else of the process. */
export function recordMeasure(name: string, value: number, unit?: string): void {
  const scope = currentScope();
  if (scope) {
    addMeasure(scope, name, value, unit);
    return;
  }
  const key = typeof name === 'string' ? toMeasureName(name) : '';
  const problem = findProblemOfPending(key, value);
  if (problem !== undefined) refuse(undefined, problem);
  else addPending(key, value, unit === undefined ? undefined : toName(unit));
}
