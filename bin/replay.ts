import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { parseAs } from '../lambdas/contract/parse-as.ts';
import { instant } from '../lambdas/contract/time.ts';
import { callLogName } from '../lib/call-log-name.ts';
import { deploymentNameOf } from '../lib/deployment-name.ts';
import { readSettings } from '../lib/settings.ts';
import { replayLines, replayRetainedPayloads } from '../operate/replay.ts';
import { EXIT, runProgram } from './run-program.ts';

const USAGE = `npm run replay [-- options]
Sends to ingest what has not reached the database. Safe to run twice: a call is stored once, however often it is sent.
Without --from: the payloads that ingest could not store and Lambda retained in S3. What ingest takes is removed there.
With --from: the lines of calls in the log group, for the time in which the subscription did not work.

  --from TIME      such as 2026-11-20T12:00:00Z; the log group retains lines for the setting logRetentionDays
  --to TIME        now by default
  --settings FILE  the deployment's settings, in the form of cdk.json, which is the default
  --help           print this text

AWS credentials and region come from the environment, as for the AWS CLI.
Exit code: 0 when ingest took everything, 1 when it refused something, 2 when the arguments are wrong or AWS fails.`;

const parseTime = (text: string, option: string): Date => new Date(parseAs(instant, text, `--${option} ${text}`));

const parseOptions = () => {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      settings: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.to && !values.from) throw new Error('--to needs --from.');
  return values;
};

runProgram(async () => {
  const { help, from, to, settings: file = join(import.meta.dirname, '../cdk.json') } = parseOptions();
  if (help) {
    console.log(USAGE);
    return EXIT.ok;
  }
  const settings = readSettings(file);
  const service = deploymentNameOf(settings);
  const ingest = `${service}-ingest`;
  const clients = { lambda: new LambdaClient(), s3: new S3Client(), logs: new CloudWatchLogsClient() };
  const progress = (what: string, taken: boolean) => console.log(`${taken ? 'taken  ' : 'refused'}  ${what}`);
  const source = from && {
    ingest,
    logGroup: callLogName(settings),
    from: parseTime(from, 'from'),
    to: to ? parseTime(to, 'to') : new Date(),
  };
  const { taken, refused } = source
    ? await replayLines(clients, source, progress)
    : await replayRetainedPayloads(clients, ingest, progress);
  console.log(`${taken} taken, ${refused} refused`);
  if (refused === 0) return EXIT.ok;
  console.error(`What ingest refused is still where it was; the log group /${service}/ingest has the reason.`);
  return EXIT.wrong;
});
