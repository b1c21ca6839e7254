import type { Clock } from '../clock.ts';
import {
  assertNameIsFree,
  type CreatedResource,
  makeUpdatable,
  nameOf,
  type ResourceDeclaration,
  type ResourceHandler,
  resourceHandler,
} from '../cloudformation/resource-handler.ts';
import type { Place } from '../place.ts';
import { createAlarm } from './alarm.ts';
import { definitionOf } from './alarm-definition.ts';
import {
  type CompositeAlarmProperties,
  compositeAlarmProperties,
  type MetricAlarmProperties,
  metricAlarmProperties,
} from './alarm-properties.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import { parseAlarmRule } from './alarm-rule.ts';
import { createSuppression, type Suppression } from './alarm-suppression.ts';

interface AlarmResourcesOptions {
  place: Place;
  clock: Clock;
  registry: AlarmRegistry;
}

const putMetricAlarm = (
  { place, clock, registry }: AlarmResourcesOptions,
  properties: MetricAlarmProperties,
  declared: ResourceDeclaration,
): CreatedResource => {
  const name = properties.AlarmName ?? nameOf(declared);
  assertNameIsFree(name, declared, registry.get(name) !== undefined);
  const warmUpMinutes = properties.WarmUpConfiguration?.WarmUpPeriodDurationInMinutes ?? 0;
  const previous = registry.get(name);
  const alarm = createAlarm({ place, name, now: clock.now(), warmUpMinutes, properties, previous });
  registry.metricAlarms.set(name, {
    ...alarm,
    properties: { ...properties, AlarmName: name },
    definition: definitionOf(properties),
  });
  return { ref: name, attributes: { Arn: alarm.arn }, remove: () => void registry.metricAlarms.delete(name) };
};

/** Throws when the properties name a suppressor without its periods, as CloudWatch does. */
const suppressionOf = (
  { clock, registry }: AlarmResourcesOptions,
  properties: CompositeAlarmProperties,
): Suppression | undefined => {
  const { ActionsSuppressor: suppressor } = properties;
  if (suppressor === undefined) return undefined;
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = properties;
  if (wait === undefined || extension === undefined) {
    throw new Error('A suppressor needs a wait period and an extension period');
  }
  const isSuppressorInAlarm = () => registry.find(suppressor).state === 'ALARM';
  return createSuppression({ clock, isSuppressorInAlarm, waitMs: wait * 1_000, extensionMs: extension * 1_000 });
};

const putCompositeAlarm = (
  options: AlarmResourcesOptions,
  properties: CompositeAlarmProperties,
  declared: ResourceDeclaration,
): CreatedResource => {
  const { place, clock, registry } = options;
  const name = properties.AlarmName ?? nameOf(declared);
  assertNameIsFree(name, declared, registry.get(name) !== undefined);
  const { rule, alarms: children } = parseAlarmRule(properties.AlarmRule);
  const suppression = suppressionOf(options, properties);
  const previous = registry.get(name);
  const alarm = createAlarm({ place, name, now: clock.now(), warmUpMinutes: 0, properties, previous });
  registry.compositeAlarms.set(name, {
    ...alarm,
    suppression,
    properties: { ...properties, AlarmName: name },
    rule,
    children,
  });
  return { ref: name, attributes: { Arn: alarm.arn }, remove: () => void registry.compositeAlarms.delete(name) };
};

/** How CloudFormation creates and updates alarms. */
export const alarmResources = (options: AlarmResourcesOptions) =>
  ({
    'AWS::CloudWatch::Alarm': makeUpdatable(
      resourceHandler(metricAlarmProperties, (properties, declared) => putMetricAlarm(options, properties, declared)),
    ),
    'AWS::CloudWatch::CompositeAlarm': makeUpdatable(
      resourceHandler(compositeAlarmProperties, (properties, declared) =>
        putCompositeAlarm(options, properties, declared),
      ),
    ),
  }) satisfies Record<string, ResourceHandler>;
