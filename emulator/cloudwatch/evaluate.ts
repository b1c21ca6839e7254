import type { Clock } from '../clock.ts';
import type { Place } from '../place.ts';
import type { Alarm, CompositeAlarm, MetricAlarm } from './alarm.ts';
import type { AlarmActions } from './alarm-actions.ts';
import { readSeries, windowStartsBefore } from './alarm-data.ts';
import { buildCompositeAlarmNotification, buildMetricAlarmNotification, reasonOf } from './alarm-message.ts';
import { type AlarmState, type Datapoint, evaluateAlarm } from './alarm-state.ts';
import type { MissingOperand } from './metric-math.ts';
import type { Metrics } from './metrics.ts';

interface EvaluationContext {
  place: Place;
  clock: Clock;
  metrics: Metrics;
  actions: AlarmActions;
  missingOperand: MissingOperand;
}

const isWarmingUp = (
  { warmUntil, definition, properties }: MetricAlarm,
  points: readonly Datapoint[],
  now: number,
): boolean =>
  now < warmUntil &&
  (properties.WarmUpConfiguration?.OnlyStartEvaluatingAfterWarmUpPeriodEnds === true ||
    points.slice(-definition.evaluation.windows).includes(undefined));

const setState = (alarm: Alarm, state: AlarmState, now: number): void => {
  if (state !== alarm.state) Object.assign(alarm, { state, since: now });
};

/** Evaluates a metric alarm by the windows that have ended at `end`, and each contributor of an alarm that groups. */
export const evaluateMetricAlarm = (
  { place, clock, metrics, actions, missingOperand }: EvaluationContext,
  alarm: MetricAlarm,
  end: number,
): void => {
  const { definition, properties, contributors } = alarm;
  const isGrouped = definition.source.kind === 'insights';
  const now = clock.now();
  for (const series of readSeries(definition, metrics, end, missingOperand)) {
    const { contributor, points, hasTooFewSamples } = series;
    if (hasTooFewSamples || isWarmingUp(alarm, points, now)) continue;
    const key = Object.values(contributor).join('/');
    // A contributor is never in INSUFFICIENT_DATA: one that stops reporting is OK.
    const from = isGrouped ? (contributors.get(key) ?? 'OK') : alarm.state;
    const to = evaluateAlarm(points, definition.evaluation, from);
    if (to === from) continue;
    const reason = reasonOf(properties, series, windowStartsBefore(end, definition), [from, to]);
    contributors.set(key, to);
    if (!isGrouped) setState(alarm, to, now);
    const transition = { alarm: alarm.name, arn: alarm.arn, at: now, from, to, reason, contributor };
    actions.recordTransition(alarm, transition, () =>
      buildMetricAlarmNotification(place, properties, transition, alarm.configuredAt),
    );
  }
  if (isGrouped) setState(alarm, [...contributors.values()].includes('ALARM') ? 'ALARM' : 'OK', now);
};

/** Evaluates a composite alarm by the states that other alarms have now. */
export const evaluateCompositeAlarm = (
  { place, clock, actions }: EvaluationContext,
  alarm: CompositeAlarm,
  findAlarm: (nameOrArn: string) => Alarm,
): void => {
  const from = alarm.state;
  const to: AlarmState = alarm.rule((other) => findAlarm(other).state) ? 'ALARM' : 'OK';
  if (to === from) return;
  const now = clock.now();
  setState(alarm, to, now);
  const children = alarm.children.map(findAlarm);
  const states = children.map((child) => `${child.arn} ${child.state}`).join(', ');
  const reason = `${alarm.properties.AlarmRule} is ${to === 'ALARM' ? 'TRUE' : 'FALSE'}: ${states}`;
  const transition = { alarm: alarm.name, arn: alarm.arn, at: now, from, to, reason, contributor: {} };
  actions.recordTransition(alarm, transition, () =>
    buildCompositeAlarmNotification(place, alarm.properties, transition, children, alarm.configuredAt),
  );
};
