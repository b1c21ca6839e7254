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

interface LogsResourcesOptions {
  place: Place;
  groups: Map<string, LogGroup>;
  findGroup: (name: string) => LogGroup;
}

/** How CloudFormation creates log groups and subscription filters. */
export const logsResources = ({ place, groups, findGroup }: LogsResourcesOptions) =>
  ({
    'AWS::Logs::LogGroup': resourceHandler(groupProperties, ({ LogGroupName, LogGroupClass }, declared) => {
      if (LogGroupClass !== 'STANDARD') {
        throw new Error(`a log group of the class ${LogGroupClass} feeds neither metrics nor subscriptions`);
      }
      const name = LogGroupName ?? nameOf(declared);
      assertNameIsFree(name, declared, groups.has(name));
      const arn = arnOf(place, 'logs', `log-group:${name}:*`);
      groups.set(name, { name, arn, streams: new Map(), subscriptions: [] });
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
  }) satisfies Record<string, ResourceHandler>;
