import * as z from 'zod';
import { assertNameIsFree, nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';
import { arnOf, type Place } from '../place.ts';
import { parseFilter } from './filter-pattern.ts';
import type { LogGroup } from './log-group.ts';

const MAX_SUBSCRIPTIONS = 2;

/** A property that is not listed, such as a data protection policy, is refused: it could change what readers see. */
const groupProperties = z.strictObject({
  LogGroupName: z.string().optional(),
  LogGroupClass: z.string().default('STANDARD'),
  RetentionInDays: z.number().optional(),
  Tags: z.unknown().optional(),
});
const filterProperties = z.strictObject({
  LogGroupName: z.string(),
  FilterName: z.string().optional(),
  FilterPattern: z.string(),
  DestinationArn: z.string(),
});

/** With dimensions a filter has no default value, so the metric is absent while nothing matches. */
const metricFilterProperties = z.strictObject({
  LogGroupName: z.string(),
  FilterPattern: z.string(),
  MetricTransformations: z.tuple([
    z.strictObject({
      MetricNamespace: z.string(),
      MetricName: z.string(),
      MetricValue: z.coerce.number('the emulator supports only a number as the value of a metric filter'),
      Dimensions: z.array(z.strictObject({ Key: z.string(), Value: z.string().startsWith('$.') })).default([]),
    }),
  ]),
});

interface LogsResourcesOptions {
  place: Place;
  groups: Map<string, LogGroup>;
  findGroup: (name: string) => LogGroup;
}

/** How CloudFormation creates log groups, subscription filters and metric filters. */
export const logsResources = ({ place, groups, findGroup }: LogsResourcesOptions) =>
  ({
    'AWS::Logs::LogGroup': resourceHandler(groupProperties, ({ LogGroupName, LogGroupClass }, declared) => {
      if (LogGroupClass !== 'STANDARD') {
        throw new Error(`a log group of the class ${LogGroupClass} feeds neither metrics nor subscriptions`);
      }
      const name = LogGroupName ?? nameOf(declared);
      assertNameIsFree(name, declared, groups.has(name));
      const arn = arnOf(place, 'logs', `log-group:${name}:*`);
      groups.set(name, { name, arn, streams: new Map(), subscriptions: [], metricFilters: [] });
      return { ref: name, attributes: { Arn: arn } };
    }),

    'AWS::Logs::SubscriptionFilter': resourceHandler(filterProperties, (properties, declared) => {
      const name = properties.FilterName ?? nameOf(declared);
      const { subscriptions } = findGroup(properties.LogGroupName);
      if (subscriptions.length === MAX_SUBSCRIPTIONS) {
        throw new Error(`A log group has at most ${MAX_SUBSCRIPTIONS} subscription filters`);
      }
      subscriptions.push({
        name,
        pattern: properties.FilterPattern,
        matches: parseFilter(properties.FilterPattern),
        destination: properties.DestinationArn,
        pending: new Map(),
        cancelFlush: undefined,
        disabledUntil: 0,
      });
      return { ref: name };
    }),

    'AWS::Logs::MetricFilter': resourceHandler(metricFilterProperties, (properties, declared) => {
      if (properties.FilterPattern.trim() === '')
        throw new Error('the emulator supports no metric filter of every line');
      const [{ MetricNamespace, MetricName, MetricValue, Dimensions }] = properties.MetricTransformations;
      findGroup(properties.LogGroupName).metricFilters.push({
        matches: parseFilter(properties.FilterPattern),
        namespace: MetricNamespace,
        name: MetricName,
        value: MetricValue,
        dimensions: Object.fromEntries(Dimensions.map(({ Key, Value }) => [Key, Value])),
      });
      return { ref: nameOf(declared) };
    }),
  }) satisfies Record<string, ResourceHandler>;
