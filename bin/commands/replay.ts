import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { defineCommand } from 'citty';
import { parseAs } from '../../lambdas/contract/parse-as.ts';
import { instant } from '../../lambdas/contract/time.ts';
import { callLogName } from '../../lib/call-log-name.ts';
import { replayLines, replayRetainedPayloads } from '../../operate/replay.ts';
import { EXIT } from '../run-program.ts';
import { findAws, readDeployment, SETTINGS_OPTIONS, textOption } from './deployment.ts';

const parseTime = (text: string, option: string): Date => new Date(parseAs(instant, text, `--${option} ${text}`));

/** `toolwatch replay`. */
export const replay = defineCommand({
  meta: {
    name: 'toolwatch replay',
    description:
      'Sends to ingest what has not reached the database. Safe to run twice: a call is stored once, however often it is ' +
      'sent. Without --from: the payloads that ingest could not store, which it removes when it takes them. With --from: ' +
      'the lines of calls in the log group, for the time in which the subscription did not work. With --spans they become ' +
      'spans again instead. Exit code: 0 when everything was taken, 1 when something was refused, 2 when the arguments ' +
      'are wrong or AWS fails.',
  },
  args: {
    from: textOption(
      'From when on, such as 2026-11-20T12:00:00Z; the setting logRetentionDays says how far back',
      'TIME',
    ),
    to: textOption('Until when; now by default', 'TIME'),
    spans: {
      type: 'boolean',
      description: 'Send the lines to the receiver of OpenTelemetry, and not to ingest. Needs --from',
    },
    ...SETTINGS_OPTIONS,
  },
  run: async ({ args }) => {
    const { from, to, spans = false } = args;
    if (to !== undefined && from === undefined) throw new Error('--to needs --from.');
    if (spans && from === undefined) throw new Error('--spans needs --from: no payload of spans is retained.');
    const { settings, service } = readDeployment(args);
    if (spans && !settings.openTelemetry) throw new Error('--spans needs the setting openTelemetry, which is not set.');
    const aws = findAws(args);
    const stage = spans ? 'spans' : 'ingest';
    const receiver = `${service}-${stage}`;
    const clients = { lambda: new LambdaClient(aws), s3: new S3Client(aws), logs: new CloudWatchLogsClient(aws) };
    const progress = (what: string, taken: boolean) => console.log(`${taken ? 'taken  ' : 'refused'}  ${what}`);
    const source = from !== undefined && {
      ...{ receiver, logGroup: callLogName(settings), from: parseTime(from, 'from') },
      to: to === undefined ? new Date() : parseTime(to, 'to'),
    };
    const { taken, refused } = source
      ? await replayLines(clients, source, progress)
      : await replayRetainedPayloads(clients, receiver, progress);
    console.log(`${taken} taken, ${refused} refused`);
    if (refused === 0) return;
    console.error(`What was refused is still where it was; the log group /${service}/${stage} has the reason.`);
    process.exitCode = EXIT.wrong;
  },
});
