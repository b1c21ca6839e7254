import * as z from 'zod';
import type { Principal } from '../iam/policy.ts';
import { parseFilter } from '../logs/filter-pattern.ts';
import type { Logs } from '../logs/logs.ts';
import { type ApiResponse, jsonResponse, operationOf, parseJsonBody, type ServiceApi } from './request.ts';

const filterLogEventsInput = z.object({
  logGroupName: z.string(),
  startTime: z.number().default(0),
  endTime: z.number().default(Number.POSITIVE_INFINITY),
  filterPattern: z.string().default(''),
});
const describeLogGroupsInput = z.object({ logGroupNamePrefix: z.string().default('') });
const describeSubscriptionFiltersInput = z.object({ logGroupName: z.string() });

const describeLogGroups = (logs: Logs, principal: Principal, input: unknown): ApiResponse => {
  const groups = logs.describe(principal, describeLogGroupsInput.parse(input).logGroupNamePrefix);
  // Log groups of any other class are refused at deployment.
  return jsonResponse({
    logGroups: groups.map(({ name, arn }) => ({ logGroupName: name, arn, logGroupClass: 'STANDARD' })),
  });
};

const describeSubscriptionFilters = (logs: Logs, principal: Principal, input: unknown): ApiResponse => {
  const { logGroupName } = describeSubscriptionFiltersInput.parse(input);
  const subscriptions = logs.subscriptionsOf(principal, logGroupName);
  return jsonResponse({
    subscriptionFilters: subscriptions.map(({ name, pattern, destination }) => ({
      filterName: name,
      filterPattern: pattern,
      destinationArn: destination,
      logGroupName,
    })),
  });
};

const filterLogEvents = (logs: Logs, principal: Principal, input: unknown): ApiResponse => {
  const { logGroupName, startTime, endTime, filterPattern } = filterLogEventsInput.parse(input);
  const matches = parseFilter(filterPattern);
  const events = logs
    .filter(principal, logGroupName)
    .filter(({ timestamp }) => timestamp >= startTime && timestamp < endTime)
    .filter(({ message }) => matches(message))
    .map(({ id, stream, timestamp, message }) => ({ eventId: id, logStreamName: stream, timestamp, message }));
  return jsonResponse({ events });
};

const OPERATIONS: Record<string, (logs: Logs, principal: Principal, input: unknown) => ApiResponse> = {
  DescribeLogGroups: describeLogGroups,
  DescribeSubscriptionFilters: describeSubscriptionFilters,
  FilterLogEvents: filterLogEvents,
};

/** FilterLogEvents, DescribeLogGroups and DescribeSubscriptionFilters, each with everything in one page. */
export const createLogsApi =
  (logs: Logs): ServiceApi =>
  (request, principal) =>
    OPERATIONS[operationOf(request, 'Logs_20140328') ?? '']?.(logs, principal, parseJsonBody(request));
