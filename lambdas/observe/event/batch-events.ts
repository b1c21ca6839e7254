import { readEntries, readList, readProperty, readText } from '../call/read-safely.ts';
import { failureOfBatch, failureOfItems } from './answer-failures.ts';
import { readBodyForms } from './http-events.ts';
import type { EventDescription, EventShape } from './shape.ts';

function recordsOf(event: unknown): unknown[] {
  return readList(event, 'Records');
}

/** SNS writes the key with a capital. */
function sourceOf(event: unknown): string | undefined {
  const [first] = recordsOf(event);
  return readText(first, 'eventSource') ?? readText(first, 'EventSource');
}

function arnOf(event: unknown): string {
  return readText(recordsOf(event)[0], 'eventSourceARN') ?? '';
}

function describeBatch(event: unknown, name: string): EventDescription {
  return {
    kind: 'job',
    name,
    records: recordsOf(event).length,
    readArguments: () => event,
  };
}

function readBodies(event: unknown): string[] {
  return recordsOf(event).map((record) => readText(record, 'body') ?? '');
}

const QUEUE: EventShape = {
  sender: 'SQS',
  matches: (event) => sourceOf(event) === 'aws:sqs',
  describe: (event) => ({
    ...describeBatch(event, arnOf(event).split(':').at(-1) || 'unknown'),
    requestBytes: readBodies(event).reduce((sum, body) => sum + Buffer.byteLength(body), 0),
    readArguments: () => readBodies(event).map(readBodyForms),
  }),
  failureIn: (answer, event) => failureOfBatch(answer, recordsOf(event).length),
};

/** `arn:…:stream/NAME` and `arn:…:table/NAME/stream/TIME` → `NAME`. */
const STREAM_NAME = /:(?:stream|table)\/([^/]+)/;

const STREAM: EventShape = {
  sender: 'Kinesis or DynamoDB streams',
  matches: (event) => ['aws:kinesis', 'aws:dynamodb'].includes(sourceOf(event) ?? ''),
  describe: (event) => describeBatch(event, STREAM_NAME.exec(arnOf(event))?.[1] ?? 'unknown'),
  failureIn: (answer, event) => failureOfBatch(answer, recordsOf(event).length),
};

/** Kafka's records are lists by topic and partition. */
function kafkaRecordsOf(event: unknown): unknown[] {
  const partitions = readProperty(event, 'records');
  return readEntries(partitions).flatMap(([partition]) => readList(partitions, partition));
}

const KAFKA: EventShape = {
  sender: 'Kafka',
  matches: (event) => ['aws:kafka', 'SelfManagedKafka'].includes(readText(event, 'eventSource') ?? ''),
  describe: (event) => ({
    ...describeBatch(event, readText(kafkaRecordsOf(event)[0], 'topic') ?? 'unknown'),
    records: kafkaRecordsOf(event).length,
  }),
  failureIn: (answer, event) => failureOfBatch(answer, kafkaRecordsOf(event).length),
};

const FIREHOSE: EventShape = {
  sender: 'Firehose, transforming records',
  matches: (event) => readText(event, 'deliveryStreamArn') !== undefined,
  describe: (event) => ({
    ...describeBatch(event, readText(event, 'deliveryStreamArn')?.split('/').at(-1) || 'unknown'),
    records: readList(event, 'records').length,
  }),
  failureIn: (answer) =>
    failureOfItems(readList(answer, 'records'), (item) => readText(item, 'result') === 'ProcessingFailed'),
};

/** S3, SNS, SES and others, which do not read an answer. */
const NOTIFICATION: EventShape = {
  sender: 'S3, SNS or another service that sends records and reads no answer',
  matches: (event) => sourceOf(event) !== undefined,
  describe: (event, { functionName }) => describeBatch(event, functionName ?? 'unknown'),
  failureIn: () => undefined,
};

export const BATCH_EVENTS: readonly EventShape[] = [QUEUE, STREAM, KAFKA, FIREHOSE, NOTIFICATION];
