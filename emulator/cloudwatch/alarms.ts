import { AwsError } from '../aws-error.ts';
import { type Clock, MINUTE_MS, repeatAligned } from '../clock.ts';
import type { Place } from '../place.ts';
import type { Alarm, AlarmDescription, AlarmReport } from './alarm.ts';
import { type AlarmActionsOptions, createAlarmActions } from './alarm-actions.ts';
import { metricsOf } from './alarm-definition.ts';
import type { Transition } from './alarm-message.ts';
import { createAlarmRegistry } from './alarm-registry.ts';
import { alarmResources } from './alarm-resources.ts';
import { evaluateCompositeAlarm, evaluateMetricAlarm } from './evaluate.ts';
import type { MissingOperand } from './metric-math.ts';
import type { MetricId, Metrics } from './metrics.ts';
import { createMutes, type PutMuteRule } from './mutes.ts';

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

  const takeMutedActions = (): void => {
    for (const alarm of registry.all()) actions.takeMutedActions(alarm);
  };

  /** Evaluates every alarm by the windows that have ended at `end`. */
  const evaluateAll = (end = Math.floor(clock.now() / EVALUATION_INTERVAL_MS) * EVALUATION_INTERVAL_MS): void => {
    const isOldEnough = ({ configuredAt }: Alarm) => end + SETTLE_MS - configuredAt >= MIN_AGE_MS;
    const metricAlarms = [...registry.metricAlarms.values()];
    const compositeAlarms = [...registry.compositeAlarms.values()];
    for (const alarm of metricAlarms.filter(isOldEnough)) evaluateMetricAlarm(context, alarm, end);
    for (const alarm of compositeAlarms.filter(isOldEnough)) evaluateCompositeAlarm(context, alarm, registry.find);
    for (const { suppression } of compositeAlarms) suppression?.update();
    takeMutedActions();
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

    /** Mute rules, as people make them beside those of the template. */
    mutes: {
      /** Throws `AwsError` when the schedule is none, or an alarm does not exist. */
      put: (input: PutMuteRule): void => {
        const unknown = input.MuteTargets.AlarmNames.find((name) => registry.get(name) === undefined);
        if (unknown !== undefined) throw new AwsError('ResourceNotFoundException', `There is no alarm ${unknown}`, 404);
        mutes.put(input, clock.now());
        takeMutedActions();
      },
      /** Alarms that it muted alone and that are still in ALARM send their notifications at once. */
      remove: (name: string): void => {
        mutes.remove(name);
        takeMutedActions();
      },
      names: mutes.names,
      find: (name: string) => mutes.find(name, clock.now()),
    },

    report: (): AlarmReport[] => registry.all().map(reportOf),

    /** Changes of states, the newest first. */
    history: (): Transition[] =>
      registry
        .all()
        .flatMap(({ history }) => history)
        .sort((one, other) => other.at - one.at),

    describe: (): AlarmDescription[] => [
      ...[...registry.metricAlarms.values()].map((alarm) => ({
        ...alarm,
        type: 'MetricAlarm' as const,
        description: alarm.properties.AlarmDescription,
        reads: alarm.properties,
      })),
      ...[...registry.compositeAlarms.values()].map((alarm) => ({
        ...alarm,
        type: 'CompositeAlarm' as const,
        description: alarm.properties.AlarmDescription,
        reads: {},
      })),
    ],

    handlers: { ...mutes.handlers, ...alarmResources({ place, clock, registry }) },
  };
};

export type Alarms = ReturnType<typeof createAlarms>;
export type { AlarmDescription } from './alarm.ts';
