import { MINUTE_MS } from '../clock.ts';
import { arnOf, type Place } from '../place.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import type { Transition } from './alarm-message.ts';
import type { CompositeAlarmProperties, MetricAlarmProperties } from './alarm-properties.ts';
import type { AlarmRule } from './alarm-rule.ts';
import type { AlarmState } from './alarm-state.ts';
import type { Suppression } from './alarm-suppression.ts';

/** An alarm's name, state and history. */
export interface AlarmReport {
  name: string;
  arn: string;
  state: AlarmState;
  since: number;
  /** The value of the alarm's tag `severity`. */
  severity?: string | undefined;
  /** Oldest first. */
  history: Transition[];
}

/** An alarm and its state. */
export interface Alarm extends AlarmReport {
  /** The state of each contributor, of an alarm that groups by a dimension. */
  contributors: Map<string, AlarmState>;
  configuredAt: number;
  /** Actions postponed by a mute: taken when it ends, if the alarm is still in this state. */
  mutedActions: { state: AlarmState; take: () => void } | undefined;
  /** Of a composite alarm with a suppressor. */
  suppression: Suppression | undefined;
  /** Until then the alarm is not evaluated unless its windows are full. */
  warmUntil: number;
  /** Whether actions are enabled. */
  enabled: boolean;
  actions: Record<AlarmState, readonly string[]>;
}

export interface MetricAlarm extends Alarm {
  properties: MetricAlarmProperties & { AlarmName: string };
  definition: AlarmDefinition;
}

export interface CompositeAlarm extends Alarm {
  properties: CompositeAlarmProperties & { AlarmName: string };
  rule: AlarmRule;
  /** The names or ARNs of the alarms its rule names. */
  children: string[];
}

/** An alarm as DescribeAlarms shows it. */
export interface AlarmDescription
  extends Pick<
    Alarm,
    'name' | 'arn' | 'state' | 'since' | 'history' | 'contributors' | 'configuredAt' | 'enabled' | 'actions'
  > {
  type: 'MetricAlarm' | 'CompositeAlarm';
  description?: string | undefined;
  /** What a metric alarm evaluates. */
  reads: Partial<Pick<MetricAlarmProperties, 'Namespace' | 'MetricName' | 'Dimensions' | 'Metrics'>>;
}

interface NewAlarm {
  place: Place;
  name: string;
  now: number;
  warmUpMinutes: number;
  properties: Pick<
    CompositeAlarmProperties,
    'ActionsEnabled' | 'AlarmActions' | 'OKActions' | 'InsufficientDataActions' | 'Tags'
  >;
  /** The alarm that is configured again; it retains its state, as with PutMetricAlarm. */
  previous: Alarm | undefined;
}

/** An alarm, new or configured again. */
export const createAlarm = ({ place, name, now, warmUpMinutes, properties, previous }: NewAlarm): Alarm => {
  const { ActionsEnabled: enabled, AlarmActions, OKActions, InsufficientDataActions, Tags } = properties;
  return {
    name,
    arn: arnOf(place, 'cloudwatch', `alarm:${name}`),
    state: previous?.state ?? 'INSUFFICIENT_DATA',
    since: previous?.since ?? now,
    severity: Tags.find(({ Key }) => Key === 'severity')?.Value,
    history: previous?.history ?? [],
    contributors: previous?.contributors ?? new Map(),
    configuredAt: now,
    mutedActions: undefined,
    suppression: undefined,
    warmUntil: now + warmUpMinutes * MINUTE_MS,
    enabled,
    actions: { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions },
  };
};
