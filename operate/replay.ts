import { gzipSync } from 'node:zlib';
import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionEventInvokeConfigCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { SCHEMA } from '../lambdas/contract/invocation.ts';

export interface Clients {
  lambda: LambdaClient;
  s3: S3Client;
  logs: CloudWatchLogsClient;
}

export interface Replayed {
  /** Payloads, or batches of lines, that ingest took. */
  taken: number;
  /** Those it refused; they are where they were. */
  refused: number;
}

/** Hears of each payload or batch as it is dealt with. */
type Progress = (what: string, taken: boolean) => void;

/** Lines in one batch: with the longest line allowed it stays below what a function may be sent. */
const LINES_A_BATCH = 500;
/** Room for a batch in the 6 MB that Lambda takes, once it is compressed and written as base64. */
const BATCH_BYTES = 16_000_000;

/** What Lambda keeps of an asynchronous event it gave up on. */
const keptPayload = z.object({ requestPayload: z.unknown() });

/** Has ingest deal with one event. True when it did; the reason why not is ingest's own log's to tell. */
const give = async ({ lambda }: Clients, ingest: string, event: unknown): Promise<boolean> => {
  const { FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: ingest, Payload: JSON.stringify(event) }),
  );
  return FunctionError === undefined;
};

const counting = (progress: Progress) => {
  const result: Replayed = { taken: 0, refused: 0 };
  const count = (what: string, taken: boolean) => {
    result[taken ? 'taken' : 'refused'] += 1;
    progress(what, taken);
  };
  return { result, count };
};

/** The bucket in which Lambda keeps what the function could not deal with. Throws when it keeps nothing. */
const bucketOf = async ({ lambda }: Clients, ingest: string): Promise<string> => {
  const { DestinationConfig } = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: ingest }));
  const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(DestinationConfig?.OnFailure?.Destination ?? '')?.[1];
  if (!bucket) throw new Error(`${ingest} keeps no payloads: it has no bucket as its on-failure destination.`);
  return bucket;
};

/**
 * Feeds every kept payload to ingest once more and removes those it took. Safe to run twice and beside itself: storing a
 * call again stores nothing.
 */
export const replayRetainedPayloads = async (
  clients: Clients,
  ingest: string,
  progress: Progress,
): Promise<Replayed> => {
  const { s3 } = clients;
  const { result, count } = counting(progress);
  const Bucket = await bucketOf(clients, ingest);
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key } of Contents) {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { requestPayload } = keptPayload.parse(JSON.parse((await object.Body?.transformToString()) ?? ''));
      const taken = await give(clients, ingest, requestPayload);
      if (taken) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      count(Key ?? '', taken);
    }
  }
  return result;
};

/** Lines of one log stream as the log service itself hands them to ingest. */
const envelopeOf = (logGroup: string, logStream: string, events: FilteredLogEvent[]) => {
  const message = {
    messageType: 'DATA_MESSAGE',
    owner: 'replay',
    logGroup,
    logStream,
    subscriptionFilters: ['replay'],
    logEvents: events.map(({ eventId, timestamp, message: line }) => ({ id: eventId, timestamp, message: line })),
  };
  return { awslogs: { data: gzipSync(JSON.stringify(message)).toString('base64') } };
};

/** Feeds the lines of calls written in a stretch of time to ingest once more. Safe to run twice. */
export const replayLines = async (
  clients: Clients,
  { ingest, logGroup, from, to }: { ingest: string; logGroup: string; from: Date; to: Date },
  progress: Progress,
): Promise<Replayed> => {
  const { result, count } = counting(progress);
  let batch: FilteredLogEvent[] = [];
  let bytes = 0;
  const send = async () => {
    const [first] = batch;
    if (!first) return;
    const what = `${batch.length} lines from ${new Date(first.timestamp ?? 0).toISOString()}`;
    count(what, await give(clients, ingest, envelopeOf(logGroup, first.logStreamName ?? '', batch)));
    batch = [];
    bytes = 0;
  };
  let nextToken: string | undefined;
  do {
    const page = await clients.logs.send(
      new FilterLogEventsCommand({
        logGroupName: logGroup,
        startTime: from.getTime(),
        endTime: to.getTime(),
        filterPattern: `{ $.schema = "${SCHEMA}" }`,
        ...(nextToken && { nextToken }),
      }),
    );
    for (const event of page.events ?? []) {
      batch.push(event);
      bytes += event.message?.length ?? 0;
      if (batch.length >= LINES_A_BATCH || bytes >= BATCH_BYTES) await send();
    }
    nextToken = page.nextToken;
  } while (nextToken);
  await send();
  return result;
};
