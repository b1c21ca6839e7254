import * as z from 'zod';
import { type Clock, everyAligned } from '../clock.ts';
import { makeUpdatable, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import { arnOf, type Place } from '../place.ts';
import { linesOf, windowsBefore } from './alarm-data.ts';
import { type AlarmProperties, alarmProperties, definitionOf, metricsOf } from './alarm-definition.ts';
import { createHold, type Hold } from './alarm-hold.ts';
import { compositeAlarmNotice, metricAlarmNotice, type Notice, reasonOf, type Transition } from './alarm-message.ts';
import { type AlarmRule, parseAlarmRule } from './alarm-rule.ts';
import { type AlarmState, type Datapoint, evaluateAlarm } from './alarm-state.ts';
import type { MetricId, Metrics } from './metrics.ts';
import { createMutes } from './mutes.ts';

/** CloudWatch looks at most alarms once a minute. */
const EVERY_MS = 60_000;
/** Later than the minute's end, because the last lines of a minute arrive after it. */
const SETTLE_MS = 3_000;

/** A new alarm is left alone so long: what it watches has yet to speak. */
const FIRST_LOOK_MS = 60_000;

/** An alarm's name, state and past. */
export interface AlarmReport {
  name: string;
  arn: string;
  state: AlarmState;
  since: number;
  severity?: string | undefined;
  history: Transition[];
}

/** An alarm as CloudWatch describes it, as far as anybody here asks. */
export interface AlarmDescription extends Pick<Alarm, 'name' | 'arn' | 'state' | 'since' | 'enabled' | 'actions'> {
  type: 'MetricAlarm' | 'CompositeAlarm';
}

interface Alarm extends AlarmReport {
  /** The states of what it groups by. */
  contributors: Map<string, AlarmState>;
  configuredAt: number;
  /** What nobody was told because of a mute; told when it ends, if it is still so. */
  held: { to: AlarmState; tell: () => void } | undefined;
  /** Of a composite with a suppressor. */
  hold: Hold | undefined;
  /** Until then it is not judged, unless its windows are full before. */
  warmUntil: number;
  enabled: boolean;
  actions: Record<AlarmState, readonly string[]>;
}

interface MetricAlarm extends Alarm {
  properties: AlarmProperties & { AlarmName: string };
  definition: ReturnType<typeof definitionOf>;
}

interface CompositeAlarm extends Alarm {
  properties: z.output<typeof compositeProperties> & { AlarmName: string };
  rule: AlarmRule;
  children: string[];
}

export interface AlarmsOptions {
  place: Place;
  clock: Clock;
  metrics: Metrics;
  /** Sends a notice to an action's ARN on behalf of the alarm; what it does about a refusal is its own affair. */
  notify: (action: string, alarmArn: string, notice: Notice) => void;
  onTransition: (transition: Transition) => void;
}

const KEPT_HISTORY = 200;

/** The alarms of the template, judged by its own definitions. */
export const createAlarms = ({ place, clock, metrics, notify, onTransition }: AlarmsOptions) => {
  const metricAlarms = new Map<string, MetricAlarm>();
  const composites = new Map<string, CompositeAlarm>();
  const mutes = createMutes();

  const alarmOf = (nameOrArn: string): Alarm => {
    const name = nameOrArn.startsWith('arn:') ? nameOrArn.split(':alarm:')[1] : nameOrArn;
    const alarm = metricAlarms.get(name ?? '') ?? composites.get(name ?? '');
    if (!alarm) throw new Error(`There is no alarm ${nameOrArn}`);
    return alarm;
  };

  const change = (alarm: Alarm, transition: Transition, noticeOf: () => Notice) => {
    alarm.history.push(transition);
    if (alarm.history.length > KEPT_HISTORY) alarm.history.shift();
    onTransition(transition);
    const tell = () => {
      const notice = noticeOf();
      if (!alarm.enabled) return;
      for (const action of alarm.actions[transition.to]) notify(action, alarm.arn, notice);
    };
    const unlessMuted = () => {
      if (mutes.isMuted(alarm.name, clock.now())) alarm.held = { to: transition.to, tell };
      else tell();
    };
    if (alarm.hold) alarm.hold.tell(unlessMuted);
    else unlessMuted();
  };

  const tellWhatWasHeld = (alarm: Alarm) => {
    if (!alarm.held || mutes.isMuted(alarm.name, clock.now())) return;
    const { to, tell } = alarm.held;
    alarm.held = undefined;
    if (to === 'ALARM' && alarm.state === to) tell();
  };

  const isWarming = ({ warmUntil, definition, properties }: MetricAlarm, points: readonly Datapoint[]): boolean =>
    clock.now() < warmUntil &&
    (properties.WarmUpConfiguration?.OnlyStartEvaluatingAfterWarmUpPeriodEnds === true ||
      points.slice(-definition.rule.windows).includes(undefined));

  const judgeMetric = (alarm: MetricAlarm, end: number) => {
    const { definition, properties, contributors } = alarm;
    const grouped = definition.source.kind === 'insights';
    for (const line of linesOf(definition, metrics, end)) {
      const { about, points, tooFew } = line;
      if (tooFew || isWarming(alarm, points)) continue;
      const key = Object.values(about).join('/');
      // A contributor never lacks data: one that stops reporting is over.
      const from = grouped ? (contributors.get(key) ?? 'OK') : alarm.state;
      const to = evaluateAlarm(points, definition.rule, from);
      if (to === from) continue;
      const reason = reasonOf(properties, line, windowsBefore(end, definition), [from, to]);
      contributors.set(key, to);
      if (!grouped) Object.assign(alarm, { state: to, since: clock.now() });
      const transition = { alarm: alarm.name, arn: alarm.arn, at: clock.now(), from, to, reason, about };
      change(alarm, transition, () => metricAlarmNotice(place, properties, transition, alarm.configuredAt));
    }
    if (!grouped) return;
    const state = [...contributors.values()].includes('ALARM') ? 'ALARM' : 'OK';
    if (state !== alarm.state) Object.assign(alarm, { state, since: clock.now() });
  };

  const judgeComposite = (alarm: CompositeAlarm) => {
    const from = alarm.state;
    const to: AlarmState = alarm.rule((other) => alarmOf(other).state) ? 'ALARM' : 'OK';
    if (to === from) return;
    Object.assign(alarm, { state: to, since: clock.now() });
    const children = alarm.children.map(alarmOf);
    const named = children.map((child) => `${child.arn} ${child.state}`).join(', ');
    const reason = `${alarm.properties.AlarmRule} is ${to === 'ALARM' ? 'TRUE' : 'FALSE'}: ${named}`;
    const transition = { alarm: alarm.name, arn: alarm.arn, at: clock.now(), from, to, reason, about: {} };
    change(alarm, transition, () =>
      compositeAlarmNotice(place, alarm.properties, transition, children, alarm.configuredAt),
    );
  };

  /** Judges every alarm by the windows that have ended at `end`. */
  const judgeAll = (end = Math.floor(clock.now() / EVERY_MS) * EVERY_MS) => {
    const isOld = ({ configuredAt }: Alarm) => end + SETTLE_MS - configuredAt >= FIRST_LOOK_MS;
    for (const alarm of metricAlarms.values()) if (isOld(alarm)) judgeMetric(alarm, end);
    for (const alarm of composites.values()) if (isOld(alarm)) judgeComposite(alarm);
    for (const { hold } of composites.values()) hold?.look();
    for (const alarm of [...metricAlarms.values(), ...composites.values()]) tellWhatWasHeld(alarm);
  };

  const newAlarm = (
    name: string,
    properties: Pick<
      AlarmProperties,
      'ActionsEnabled' | 'AlarmActions' | 'OKActions' | 'InsufficientDataActions' | 'Tags'
    >,
    warmUpMinutes: number,
  ): Alarm => {
    const { ActionsEnabled: enabled, AlarmActions, OKActions, InsufficientDataActions, Tags } = properties;
    // Another configuration leaves the state as it is, as PutMetricAlarm does.
    const before = metricAlarms.get(name) ?? composites.get(name);
    return {
      name,
      arn: arnOf(place, 'cloudwatch', `alarm:${name}`),
      state: before?.state ?? 'INSUFFICIENT_DATA',
      since: before?.since ?? clock.now(),
      severity: Tags.find(({ Key }) => Key === 'severity')?.Value,
      history: before?.history ?? [],
      contributors: before?.contributors ?? new Map(),
      configuredAt: clock.now(),
      held: undefined,
      hold: undefined,
      warmUntil: clock.now() + warmUpMinutes * 60_000,
      enabled,
      actions: { ALARM: AlarmActions, OK: OKActions, INSUFFICIENT_DATA: InsufficientDataActions },
    };
  };

  /** Throws when a suppressor comes without its periods, as CloudWatch does. */
  const holdOf = (properties: z.output<typeof compositeProperties>): Hold | undefined => {
    const { ActionsSuppressor: suppressor } = properties;
    if (suppressor === undefined) return undefined;
    const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = properties;
    if (wait === undefined || extension === undefined) throw new Error('a suppressor needs a wait and an extension');
    const isOn = () => alarmOf(suppressor).state === 'ALARM';
    return createHold({ clock, isOn, waitMs: wait * 1_000, extensionMs: extension * 1_000 });
  };

  return {
    judgeAll,

    /** Judges them every minute from now on; the answer stops it. */
    start: (): (() => void) => everyAligned(clock, EVERY_MS, SETTLE_MS, () => judgeAll()),

    /** The metrics of a namespace and name that some alarm reads. */
    reads: (namespace: string, name: string): MetricId[] =>
      [...metricAlarms.values()]
        .flatMap(({ definition }) => metricsOf(definition))
        .filter((metric) => metric.namespace === namespace && metric.name === name),

    report: (): AlarmReport[] =>
      [...metricAlarms.values(), ...composites.values()].map(({ name, arn, state, since, severity, history }) => ({
        name,
        arn,
        state,
        since,
        severity,
        history,
      })),

    describe: (): AlarmDescription[] => [
      ...[...metricAlarms.values()].map((alarm) => ({ ...alarm, type: 'MetricAlarm' as const })),
      ...[...composites.values()].map((alarm) => ({ ...alarm, type: 'CompositeAlarm' as const })),
    ],

    handlers: {
      ...mutes.handlers,
      'AWS::CloudWatch::Alarm': makeUpdatable(
        resourceHandler(alarmProperties, (properties, declared) => {
          const name = properties.AlarmName ?? nameOf(declared);
          const warmUp = properties.WarmUpConfiguration?.WarmUpPeriodDurationInMinutes ?? 0;
          const alarm = newAlarm(name, properties, warmUp);
          metricAlarms.set(name, {
            ...alarm,
            properties: { ...properties, AlarmName: name },
            definition: definitionOf(properties),
          });
          return { ref: name, attributes: { Arn: alarm.arn }, remove: () => void metricAlarms.delete(name) };
        }),
      ),
      'AWS::CloudWatch::CompositeAlarm': makeUpdatable(
        resourceHandler(compositeProperties, (properties, declared) => {
          const name = properties.AlarmName ?? nameOf(declared);
          const alarm = newAlarm(name, properties, 0);
          const { rule: holds, alarms: children } = parseAlarmRule(properties.AlarmRule);
          const hold = holdOf(properties);
          composites.set(name, {
            ...alarm,
            hold,
            properties: { ...properties, AlarmName: name },
            rule: holds,
            children,
          });
          return { ref: name, attributes: { Arn: alarm.arn }, remove: () => void composites.delete(name) };
        }),
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};

export type Alarms = ReturnType<typeof createAlarms>;

const compositeProperties = z.strictObject({
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().optional(),
  AlarmRule: z.string(),
  /** By name or ARN; the periods are seconds. */
  ActionsSuppressor: z.string().optional(),
  ActionsSuppressorWaitPeriod: z.int().min(0).optional(),
  ActionsSuppressorExtensionPeriod: z.int().min(0).optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: z.array(z.string()).default([]),
  OKActions: z.array(z.string()).default([]),
  InsufficientDataActions: z.array(z.string()).default([]),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
});
