import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SNSClient } from '@aws-sdk/client-sns';
import { callLogName } from '../lib/call-log.ts';
import { readSettings } from '../lib/settings.ts';
import { painter } from '../local/terminal.ts';
import { type Examined, examine } from '../operate/doctor/doctor.ts';
import { expectedAlarms, expectedIndexes } from '../operate/doctor/expected.ts';
import { callLogCheck, levelsCheck } from '../operate/doctor/lines.ts';
import { alarmsCheck, recipientsCheck } from '../operate/doctor/alarms.ts';
import { retainedPayloadsCheck, storeCheck } from '../operate/doctor/store.ts';

const USAGE = `npm run doctor [-- options]
Asks a deployment what is missing in it: alarms and who hears them, the log of calls and its subscription, how functions
log, what could not be stored, the store's indexes, partitions and freshness. Changes nothing.

  --service NAME   of the deployment; by default what cdk.json says
  --json           the answer as JSON
  --help           this

AWS credentials and region are taken from the environment, as the AWS CLI takes them.
The exit status is 0 when all is well, 1 when something is missing, 2 when a question stayed unanswered.`;

const checksFor = (service?: string) => {
  const read = readSettings(join(import.meta.dirname, '../cdk.json'));
  const settings = { ...read, service: service ?? read.service };
  const clients = {
    cloudwatch: new CloudWatchClient(),
    lambda: new LambdaClient(),
    logs: new CloudWatchLogsClient(),
    s3: new S3Client(),
    sns: new SNSClient(),
  };
  const alarms = expectedAlarms(settings);
  const ingest = `${settings.service}-ingest`;
  return [
    alarmsCheck(clients.cloudwatch, alarms),
    recipientsCheck(clients, alarms),
    callLogCheck(clients.logs, callLogName(settings), ingest),
    levelsCheck(clients.lambda, settings.service, callLogName(settings)),
    retainedPayloadsCheck(clients, ingest),
    storeCheck(clients.lambda, `${settings.service}-api`, expectedIndexes()),
  ];
};

const print = ({ findings, unanswered }: Examined): void => {
  const paint = painter(process.stdout.isTTY ?? false);
  for (const { title, what, remedy } of findings)
    console.log(`${paint('red', 'missing')}  ${title}: ${what}\n         ${remedy}`);
  for (const { title, why } of unanswered) console.log(`${paint('yellow', 'unasked')}  ${title}: ${why}`);
  if (findings.length + unanswered.length === 0) console.log(paint('green', 'Nothing is missing.'));
};

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: { service: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const examined = await examine(checksFor(values.service), (title) => {
    if (process.stderr.isTTY) process.stderr.write(`asking about ${title} …\n`);
  });
  if (values.json) console.log(JSON.stringify(examined));
  else print(examined);
  if (examined.unanswered.length > 0) return 2;
  return examined.findings.length > 0 ? 1 : 0;
};

run().then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);
