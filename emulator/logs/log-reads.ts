import type { Iam } from '../iam/iam.ts';
import type { Principal } from '../iam/policy.ts';
import { arnOf, type Place } from '../place.ts';
import type { LogEvent, LogGroup, SubscriptionFilter } from './log-group.ts';

interface LogReadsOptions {
  place: Place;
  iam: Iam;
  groups: ReadonlyMap<string, LogGroup>;
  findGroup: (name: string) => LogGroup;
}

/** The API calls that read logs. Each throws `AwsError` when the principal may not. */
export const createLogReads = ({ place, iam, groups, findGroup }: LogReadsOptions) => ({
  /** FilterLogEvents: the stored events of a group, oldest first, each with its stream. */
  filter: (principal: Principal, groupName: string): (LogEvent & { stream: string })[] => {
    const group = findGroup(groupName);
    iam.authorize({ principal, action: 'logs:FilterLogEvents', resource: group.arn });
    return [...group.streams]
      .flatMap(([stream, events]) => events.map((event) => ({ ...event, stream })))
      .sort((a, b) => a.timestamp - b.timestamp);
  },

  /** DescribeLogGroups: the groups whose names begin with `prefix`. */
  describe: (principal: Principal, prefix: string): { name: string; arn: string }[] => {
    iam.authorize({ principal, action: 'logs:DescribeLogGroups', resource: arnOf(place, 'logs', 'log-group:*') });
    return [...groups.values()].filter(({ name }) => name.startsWith(prefix)).map(({ name, arn }) => ({ name, arn }));
  },

  /** DescribeSubscriptionFilters: the subscription filters of a group. */
  subscriptionsOf: (principal: Principal, groupName: string): readonly SubscriptionFilter[] => {
    const group = findGroup(groupName);
    iam.authorize({ principal, action: 'logs:DescribeSubscriptionFilters', resource: group.arn });
    return group.subscriptions;
  },
});
