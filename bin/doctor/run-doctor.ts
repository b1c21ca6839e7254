import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { tools } from '../../lambdas/tools/index.ts';
import { callLogName } from '../../lib/call-log-name.ts';
import { alarmsCheck, notifierCheck } from '../../operate/doctor/alarms.ts';
import { type Examined, examine } from '../../operate/doctor/doctor.ts';
import { expectedAlarms, expectedIndexes } from '../../operate/doctor/expected.ts';
import { callLogCheck, levelsCheck } from '../../operate/doctor/lines.ts';
import { metricsCheck } from '../../operate/doctor/metrics.ts';
import { monitoringChecks } from '../../operate/doctor/monitoring.ts';
import { retainedPayloadsCheck, storeCheck } from '../../operate/doctor/store.ts';
import { findAws, readDeployment, type SettingsArguments } from '../commands/deployment.ts';

/** Compares a deployment with the sources that it is made from. Throws a sentence when its settings are wrong. */
export const runDoctor = (args: SettingsArguments, onBegin: (title: string) => void): Promise<Examined> => {
  const { settings, service } = readDeployment(args);
  const aws = findAws(args);
  const clients = {
    cloudwatch: new CloudWatchClient(aws),
    dynamoDb: new DynamoDBClient(aws),
    lambda: new LambdaClient(aws),
    logs: new CloudWatchLogsClient(aws),
    s3: new S3Client(aws),
    sns: new SNSClient(aws),
  };
  const alarms = expectedAlarms(settings);
  const ingest = `${service}-ingest`;
  const checks = [
    alarmsCheck(clients.cloudwatch, alarms),
    metricsCheck(clients.cloudwatch, alarms, { service, tools: tools.map(({ facts }) => facts) }),
    ...monitoringChecks(clients, `${service}-self-check`),
    notifierCheck(clients.cloudwatch, alarms),
    callLogCheck(clients.logs, callLogName(settings)),
    levelsCheck(clients.lambda, service, callLogName(settings)),
    retainedPayloadsCheck(clients, ingest),
    storeCheck(clients.lambda, `${service}-api`, expectedIndexes()),
  ];
  return examine(checks, onBegin);
};
