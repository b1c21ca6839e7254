import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { tools } from '../lambdas/tools/index.ts';
import { callLogName } from '../lib/call-log-name.ts';
import { deploymentNameOf } from '../lib/deployment-name.ts';
import { readSettings } from '../lib/settings.ts';
import { createPainter } from '../local/terminal.ts';
import { alarmsCheck, notifierCheck, recipientsCheck } from '../operate/doctor/alarms.ts';
import { type Examined, examine } from '../operate/doctor/doctor.ts';
import { expectedAlarms, expectedIndexes } from '../operate/doctor/expected.ts';
import { callLogCheck, levelsCheck } from '../operate/doctor/lines.ts';
import { metricsCheck } from '../operate/doctor/metrics.ts';
import { retainedPayloadsCheck, storeCheck } from '../operate/doctor/store.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run doctor [-- options]
Checks a deployment for what is missing: alarms, the metrics that they read and their recipients, the notifier, the log
of calls and its subscription, the functions' log levels, payloads that could not be stored, the store's indexes,
partitions and freshness. Changes nothing.

  --settings FILE  the deployment's settings, in the form of cdk.json, which is the default
  --json           print the result as JSON
  --help           print this text

AWS credentials and region come from the environment, as for the AWS CLI.
Exit code: 0 when nothing is missing, 1 when something is, 2 when a check failed or the arguments are wrong.`;

const createChecks = (file = join(import.meta.dirname, '../cdk.json')) => {
  const settings = readSettings(file);
  const service = deploymentNameOf(settings);
  const clients = {
    cloudwatch: new CloudWatchClient(),
    lambda: new LambdaClient(),
    logs: new CloudWatchLogsClient(),
    s3: new S3Client(),
    sns: new SNSClient(),
  };
  const alarms = expectedAlarms(settings);
  const ingest = `${service}-ingest`;
  return [
    alarmsCheck(clients.cloudwatch, alarms),
    metricsCheck(clients.cloudwatch, alarms, { service, tools: tools.map(({ facts }) => facts) }),
    recipientsCheck(clients, alarms),
    notifierCheck(clients.cloudwatch, alarms),
    callLogCheck(clients.logs, callLogName(settings), ingest),
    levelsCheck(clients.lambda, service, callLogName(settings)),
    retainedPayloadsCheck(clients, ingest),
    storeCheck(clients.lambda, `${service}-api`, expectedIndexes()),
  ];
};

const printResult = ({ findings, unanswered }: Examined): void => {
  const paint = createPainter(process.stdout.isTTY ?? false);
  for (const { title, what, remedy } of findings)
    console.log(`${paint('red', 'missing')}    ${title}: ${what}\n           ${remedy}`);
  for (const { title, why } of unanswered) console.log(`${paint('yellow', 'unchecked')}  ${title}: ${why}`);
  if (findings.length + unanswered.length === 0) console.log(paint('green', 'Nothing is missing.'));
};

runProgram(async () => {
  const { values } = parseArgs({
    options: { settings: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const result = await examine(createChecks(values.settings), (title) => {
    if (process.stderr.isTTY) process.stderr.write(`checking ${title} …\n`);
  });
  if (values.json) console.log(JSON.stringify(result));
  else printResult(result);
  if (result.unanswered.length > 0) return EXIT.usage;
  return result.findings.length > 0 ? EXIT.wrong : EXIT.ok;
});
