import { type CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type FunctionConfiguration, type LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import { type Check, type Finding, findingIf } from './finding.ts';

const DEPLOY = 'npx cdk deploy';

/** The log group of calls. */
export const callLogCheck = (client: CloudWatchLogsClient, logGroup: string): Check => ({
  title: 'the log of calls',
  needs: ['logs:DescribeLogGroups'],
  findings: async () => {
    const { logGroups = [] } = await client.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroup }));
    const group = logGroups.find(({ logGroupName }) => logGroupName === logGroup);
    if (!group) return [{ what: `There is no log group ${logGroup}.`, remedy: DEPLOY }];
    return findingIf(
      (group.logGroupClass ?? 'STANDARD') !== 'STANDARD',
      `${logGroup} has the class ${group.logGroupClass}, which has neither metrics nor subscriptions.`,
      'A class cannot be changed: export the log group, delete it and deploy again.',
    );
  },
});

/** The log levels at which Lambda lets the lines of calls through. */
const LEVELS_WITH_CALLS = ['TRACE', 'DEBUG', 'INFO'];

const findLoggingProblems = ({ FunctionName, LoggingConfig }: FunctionConfiguration, logGroup: string): Finding[] => {
  const { LogFormat = 'Text', ApplicationLogLevel = 'INFO', LogGroup } = LoggingConfig ?? {};
  if (LogGroup !== logGroup) return [];
  if (LogFormat !== 'JSON') {
    return [{ what: `${FunctionName} logs in the format ${LogFormat}: its lines become no metrics.`, remedy: DEPLOY }];
  }
  return findingIf(
    !LEVELS_WITH_CALLS.includes(ApplicationLogLevel),
    `${FunctionName} logs at ${ApplicationLogLevel}: the lines of its successful calls are lost.`,
    DEPLOY,
  );
};

/** Whether Lambda drops the lines of functions that write calls, because of their log format or level. */
export const levelsCheck = (client: LambdaClient, service: string, logGroup: string): Check => ({
  title: 'log format and level of functions',
  needs: ['lambda:ListFunctions'],
  findings: async () => {
    const findings: Finding[] = [];
    for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
      for (const fn of Functions)
        if (fn.FunctionName?.startsWith(`${service}-`)) findings.push(...findLoggingProblems(fn, logGroup));
    return findings;
  },
});
