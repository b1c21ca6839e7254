import { type CloudWatchLogsClient, DescribeSubscriptionFiltersCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { ExpectedSubscription, MonitoringFinding } from '../../contract/self-check.ts';

/** A subscription of a log group, as CloudWatch Logs has it. */
export interface DeployedSubscription {
  readonly pattern: string;
  readonly destination: string;
}

/** The subscriptions of a log group; none of one that does not exist. */
export const listSubscriptions = async (
  logs: CloudWatchLogsClient,
  logGroupName: string,
): Promise<DeployedSubscription[]> => {
  try {
    const { subscriptionFilters = [] } = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName }));
    return subscriptionFilters.map(({ filterPattern = '', destinationArn = '' }) => ({
      pattern: filterPattern,
      destination: destinationArn,
    }));
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return [];
    throw error;
  }
};

/** A subscription that is missing, or hands over other lines than it should. */
export const subscriptionFindings = (
  { name, logGroup, pattern, destination }: ExpectedSubscription,
  deployed: readonly DeployedSubscription[],
): MonitoringFinding[] => {
  const target = destination.split(':').at(-1);
  const found = deployed.filter((each) => each.destination === destination);
  if (found.some((each) => each.pattern === pattern)) return [];
  const [other] = found;
  const what = other
    ? `The subscription of ${target} takes lines of ${logGroup} that match ${other.pattern}, not ${pattern}.`
    : `No subscription hands the lines of ${logGroup} to ${target}: they do not reach the store.`;
  return [
    {
      id: `subscription/${name}`,
      what,
      remedy:
        'Restore it as the template has it (a deployment that changes nothing does not), then npm run replay -- --from ' +
        'the time when it was lost.',
    },
  ];
};
