import { type Clock, MINUTE_MS, repeatAligned } from '../clock.ts';
import type { Place } from '../place.ts';
import type { Alarm, AlarmDescription, AlarmReport } from './alarm.ts';
import { type AlarmActionsOptions, createAlarmActions } from './alarm-actions.ts';
import { metricsOf } from './alarm-definition.ts';
import { createAlarmRegistry } from './alarm-registry.ts';
import { alarmResources } from './alarm-resources.ts';
import { evaluateCompositeAlarm, evaluateMetricAlarm } from './evaluate.ts';
import type { MissingOperand } from './metric-math.ts';
import type { MetricId, Metrics } from './metrics.ts';
import { createMutes } from './mutes.ts';

/** CloudWatch evaluates most alarms once a minute. */
const EVALUATION_INTERVAL_MS = MINUTE_MS;
/** Evaluation begins this long after a minute has ended, because the last lines of a minute arrive after its end. */
const SETTLE_MS = 3_000;
/** A younger alarm is not evaluated: its metrics have no data yet. */
const MIN_AGE_MS = MINUTE_MS;

export interface AlarmsOptions extends Omit<AlarmActionsOptions, 'isMuted'> {
  place: Place;
  clock: Clock;
  metrics: Metrics;
  /** How expressions read a missing operand. Default: `missing`. */
  missingOperand?: MissingOperand;
}

const reportOf = ({ name, arn, state, since, severity, history }: Alarm): AlarmReport => ({
  name,
  arn,
  state,
  since,
  severity,
  history,
});

/** The alarms of a template, evaluated as its definitions say. */
export const createAlarms = ({
  place,
  clock,
  metrics,
  missingOperand = 'missing',
  notify,
  onTransition,
}: AlarmsOptions) => {
  const registry = createAlarmRegistry();
  const mutes = createMutes();
  const actions = createAlarmActions({ clock, isMuted: mutes.isMuted, notify, onTransition });
  const context = { place, clock, metrics, actions, missingOperand };

  /** Evaluates every alarm by the windows that have ended at `end`. */
  const evaluateAll = (end = Math.floor(clock.now() / EVALUATION_INTERVAL_MS) * EVALUATION_INTERVAL_MS): void => {
    const isOldEnough = ({ configuredAt }: Alarm) => end + SETTLE_MS - configuredAt >= MIN_AGE_MS;
    const metricAlarms = [...registry.metricAlarms.values()];
    const compositeAlarms = [...registry.compositeAlarms.values()];
    for (const alarm of metricAlarms.filter(isOldEnough)) evaluateMetricAlarm(context, alarm, end);
    for (const alarm of compositeAlarms.filter(isOldEnough)) evaluateCompositeAlarm(context, alarm, registry.find);
    for (const { suppression } of compositeAlarms) suppression?.update();
    for (const alarm of registry.all()) actions.takeMutedActions(alarm);
  };

  return {
    evaluateAll,

    /** Evaluates all alarms every minute from now on; the returned function ends this. */
    start: (): (() => void) => repeatAligned(clock, EVALUATION_INTERVAL_MS, SETTLE_MS, () => evaluateAll()),

    /** The metrics with this namespace and name that alarms read. */
    findReadMetrics: (namespace: string, name: string): MetricId[] =>
      [...registry.metricAlarms.values()]
        .flatMap(({ definition }) => metricsOf(definition))
        .filter((metric) => metric.namespace === namespace && metric.name === name),

    report: (): AlarmReport[] => registry.all().map(reportOf),

    describe: (): AlarmDescription[] => [
      ...[...registry.metricAlarms.values()].map((alarm) => ({
        ...alarm,
        type: 'MetricAlarm' as const,
        reads: alarm.properties,
      })),
      ...[...registry.compositeAlarms.values()].map((alarm) => ({
        ...alarm,
        type: 'CompositeAlarm' as const,
        reads: {},
      })),
    ],

    handlers: { ...mutes.handlers, ...alarmResources({ place, clock, registry }) },
  };
};

export type Alarms = ReturnType<typeof createAlarms>;
export type { AlarmDescription } from './alarm.ts';
