import { gzipSync } from 'node:zlib';
import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionEventInvokeConfigCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { SCHEMA } from '../lambdas/contract/vocabulary.ts';

/** The AWS services that a replay uses. */
export interface Clients {
  lambda: LambdaClient;
  s3: S3Client;
  logs: CloudWatchLogsClient;
}

/** How many payloads, or batches of lines, were replayed. */
export interface Replayed {
  /** The function took them. */
  taken: number;
  /** The function failed on them; they remain where they were. */
  refused: number;
}

/** Called after each payload or batch. */
type Progress = (description: string, taken: boolean) => void;

/** With this many lines of the maximum length, a batch stays below what Lambda accepts as an event. */
const MAX_BATCH_LINES = 500;
/** A batch of this size fits into Lambda's 6 MB, compressed and in base64. */
const MAX_BATCH_BYTES = 16_000_000;

/** What Lambda retains of an asynchronous event that it gave up on. */
const retainedPayload = z.object({ requestPayload: z.unknown() });

/** Whether a function took an event. If not, its log says why. */
const invoke = async ({ lambda }: Clients, receiver: string, event: unknown): Promise<boolean> => {
  const { FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: receiver, Payload: JSON.stringify(event) }),
  );
  return FunctionError === undefined;
};

const createCounter = (progress: Progress) => {
  const result: Replayed = { taken: 0, refused: 0 };
  const count = (description: string, taken: boolean) => {
    result[taken ? 'taken' : 'refused'] += 1;
    progress(description, taken);
  };
  return { result, count };
};

/** The bucket of the payloads that ingest could not store. Throws when there is none. */
const bucketOf = async ({ lambda }: Clients, ingest: string): Promise<string> => {
  const { DestinationConfig } = await lambda.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: ingest }));
  const bucket = /^arn:[^:]+:s3:::(.+)$/.exec(DestinationConfig?.OnFailure?.Destination ?? '')?.[1];
  if (!bucket)
    throw new Error(`${ingest} retains no payloads: its on-failure destination is not a bucket. Deploy again.`);
  return bucket;
};

/**
 * Passes every retained payload to ingest again and removes those that it stored. Safe to run twice, even at the same
 * time: storing a call again changes nothing.
 */
export const replayRetainedPayloads = async (
  clients: Clients,
  ingest: string,
  progress: Progress,
): Promise<Replayed> => {
  const { s3 } = clients;
  const { result, count } = createCounter(progress);
  const Bucket = await bucketOf(clients, ingest);
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket })) {
    for (const { Key } of Contents) {
      const object = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const { requestPayload } = retainedPayload.parse(JSON.parse((await object.Body?.transformToString()) ?? ''));
      const taken = await invoke(clients, ingest, requestPayload);
      if (taken) await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      count(Key ?? '', taken);
    }
  }
  return result;
};

/** Lines of one log stream, in the form in which CloudWatch Logs delivers them to ingest. */
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

/**
 * Passes the lines of calls written in a time window again to a function that is subscribed to them: ingest, or the one
 * that sends spans. Safe to run twice.
 */
export const replayLines = async (
  clients: Clients,
  { receiver, logGroup, from, to }: { receiver: string; logGroup: string; from: Date; to: Date },
  progress: Progress,
): Promise<Replayed> => {
  const { result, count } = createCounter(progress);
  let batch: FilteredLogEvent[] = [];
  let bytes = 0;
  const send = async () => {
    const [first] = batch;
    if (!first) return;
    const description = `${batch.length} lines from ${new Date(first.timestamp ?? 0).toISOString()}`;
    count(description, await invoke(clients, receiver, envelopeOf(logGroup, first.logStreamName ?? '', batch)));
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
      if (batch.length >= MAX_BATCH_LINES || bytes >= MAX_BATCH_BYTES) await send();
    }
    nextToken = page.nextToken;
  } while (nextToken);
  await send();
  return result;
};
