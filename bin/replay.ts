import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { callLogName } from '../lib/call-log.ts';
import { readSettings } from '../lib/settings.ts';
import { replayLines, replayRetainedPayloads } from '../operate/replay.ts';

const USAGE = `npm run replay [-- options]
Feeds to ingest what has not reached the database. Safe to run twice: a call is stored once, however often it comes.
Without --from: the payloads that ingest could not store and Lambda kept; what is taken is removed.
With --from: the lines of calls in the log group, for when the subscription was down.

  --from TIME      2026-11-20T12:00:00Z; the log group keeps lines for the setting logRetentionDays
  --to TIME        now by default
  --service NAME   of the deployment; by default what cdk.json says
  --help           this

AWS credentials and region are taken from the environment, as the AWS CLI takes them.`;

const timeFrom = (text: string, option: string): Date => {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new Error(`--${option} wants a time such as 2026-11-20T12:00:00Z, and got ${text}.`);
  return time;
};

const run = async (): Promise<number> => {
  const { values } = parseArgs({
    options: {
      from: { type: 'string' },
      to: { type: 'string' },
      service: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (values.to && !values.from) throw new Error('--to goes with --from.');
  const settings = readSettings(join(import.meta.dirname, '../cdk.json'));
  const service = values.service ?? settings.service;
  const ingest = `${service}-ingest`;
  const clients = { lambda: new LambdaClient(), s3: new S3Client(), logs: new CloudWatchLogsClient() };
  const progress = (what: string, taken: boolean) => console.log(`${taken ? 'taken  ' : 'refused'}  ${what}`);
  const { taken, refused } = values.from
    ? await replayLines(
        clients,
        {
          ingest,
          logGroup: callLogName({ ...settings, service }),
          from: timeFrom(values.from, 'from'),
          to: values.to ? timeFrom(values.to, 'to') : new Date(),
        },
        progress,
      )
    : await replayRetainedPayloads(clients, ingest, progress);
  console.log(`${taken} taken, ${refused} refused`);
  if (refused > 0) console.error(`What was refused is where it was; the log group /${service}/ingest says why.`);
  return refused > 0 ? 1 : 0;
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
