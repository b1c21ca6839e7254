import {
  type CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { type FunctionConfiguration, type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { CALL_FILTER } from '../../lib/call-log.ts';
import { type Check, countNoun, type Finding } from './finding.ts';

const DEPLOY = 'npx cdk deploy';

/** The log group of calls, and whether its lines are handed to ingest. */
export const callLogCheck = (client: CloudWatchLogsClient, logGroup: string, ingest: string): Check => ({
  title: 'the log of calls',
  needs: ['logs:DescribeLogGroups', 'logs:DescribeSubscriptionFilters'],
  findings: async () => {
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroup }));
    const group = logGroups.find(({ logGroupName }) => logGroupName === logGroup);
    if (!group) return [countNoun(`There is no log group ${logGroup}.`, DEPLOY)];
    const { subscriptionFilters = [] } = await client.send(
      new DescribeSubscriptionFiltersCommand({ logGroupName: logGroup }),
    );
    const filter = subscriptionFilters.find(({ destinationArn }) => destinationArn?.endsWith(`:function:${ingest}`));
    const findings: Finding[] = [];
    if ((group.logGroupClass ?? 'STANDARD') !== 'STANDARD')
      findings.push(
        countNoun(
          `${logGroup} is of the class ${group.logGroupClass}, which has neither metrics nor subscriptions.`,
          'Delete it (export what it holds first) and deploy again: a class cannot be changed.',
        ),
      );
    if (!filter)
      findings.push(
        countNoun(
          `No subscription hands the lines of ${logGroup} to ${ingest}: no call reaches the store.`,
          `${DEPLOY}, then npm run replay -- --from the time it was lost`,
        ),
      );
    else if (filter.filterPattern !== CALL_FILTER.logPatternString)
      findings.push(
        countNoun(
          `The subscription of ${ingest} takes lines that match ${filter.filterPattern}, not ${CALL_FILTER.logPatternString}.`,
          DEPLOY,
        ),
      );
    return findings;
  },
});

/** From the level on which a call's line is still written. */
const WRITES_CALLS = ['TRACE', 'DEBUG', 'INFO'];

const ofFunction = ({ FunctionName, LoggingConfig }: FunctionConfiguration, logGroup: string): Finding[] => {
  const { LogFormat = 'Text', ApplicationLogLevel = 'INFO', LogGroup } = LoggingConfig ?? {};
  if (LogGroup !== logGroup) return [];
  if (LogFormat !== 'JSON')
    return [countNoun(`${FunctionName} logs as ${LogFormat}: its lines are no metrics.`, DEPLOY)];
  if (WRITES_CALLS.includes(ApplicationLogLevel)) return [];
  return [countNoun(`${FunctionName} logs from ${ApplicationLogLevel} on: its successful calls are lost.`, DEPLOY)];
};

/** Whether the functions that write calls would have their lines dropped, by format or level. */
export const levelsCheck = (client: LambdaClient, service: string, logGroup: string): Check => ({
  title: 'how functions log',
  needs: ['lambda:ListFunctions'],
  findings: async () => {
    const findings: Finding[] = [];
    for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
      for (const fn of Functions)
        if (fn.FunctionName?.startsWith(`${service}-`)) findings.push(...ofFunction(fn, logGroup));
    return findings;
  },
});
