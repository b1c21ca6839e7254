import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { readVariables } from '../../lambdas/contract/env/read-variables.ts';
import { selfCheckEnv } from '../../lambdas/contract/env/self-check.ts';
import { SELF_CHECK_ID, selfCheckState } from '../../lambdas/contract/self-check.ts';
import {
  expectedOf,
  type Look,
  MONITORING_PARTS,
  type MonitoringClients,
  type MonitoringPart,
} from '../../lambdas/monitoring/monitoring-parts.ts';
import { TableItems } from '../../lambdas/monitoring/table-items.ts';
import type { Check } from './finding.ts';

interface Clients extends MonitoringClients {
  readonly lambda: LambdaClient;
  readonly dynamoDb: DynamoDBClient;
}

/** To know what the deployment must have, and what the self-check knows. */
const KNOWLEDGE = ['lambda:GetFunctionConfiguration', 'dynamodb:GetItem'] as const;
const NEEDS: Readonly<Record<MonitoringPart, readonly string[]>> = {
  schedules: ['cloudwatch:GetMetricData'],
  subscriptions: ['logs:DescribeSubscriptionFilters'],
  'actions of alarms': ['cloudwatch:DescribeAlarms'],
  recipients: ['sns:ListSubscriptionsByTopic'],
  mutes: [
    'cloudwatch:DescribeAlarms',
    'cloudwatch:DescribeAlarmHistory',
    'cloudwatch:ListAlarmMuteRules',
    'cloudwatch:GetAlarmMuteRule',
  ],
};

/** What the self-check looks at each hour, by the variables of its function; remembers nothing. */
const readLook = async (clients: Clients, selfCheck: string): Promise<Look> => {
  const { Environment } = await clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: selfCheck }));
  const env = readVariables(selfCheckEnv, { ...Environment?.Variables });
  const before = await new TableItems(clients.dynamoDb, env.STATE_TABLE).read(SELF_CHECK_ID, selfCheckState);
  return { clients, expected: expectedOf(env), before, now: Date.now(), onRecipients: () => {} };
};

/** What keeps alarms from notifying anybody: a check for each part of the self-check, which `selfCheck` names. */
export const monitoringChecks = (clients: Clients, selfCheck: string): Check[] => {
  let look: Promise<Look> | undefined;
  return Object.entries(MONITORING_PARTS).map(([title, find]) => ({
    title,
    needs: [...KNOWLEDGE, ...NEEDS[title as MonitoringPart]],
    findings: async () => {
      look ??= readLook(clients, selfCheck);
      return (await find(await look)).map(({ what, remedy }) => ({ what, remedy }));
    },
  }));
};
