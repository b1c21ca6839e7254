import { AwsError } from '../aws-error.ts';
import type { FifoKeys, Queue } from './queue.ts';

/** What a sender says of a message beside its body. */
export interface SendOptions {
  group?: string | undefined;
  deduplication?: string | undefined;
  attributes?: Readonly<Record<string, string>> | undefined;
}

/** SQS's limit for a message with its attributes, in bytes. */
const MAX_BYTES = 1_048_576;
/** What a group or a deduplication id consists of. */
const KEY = /^[a-zA-Z0-9!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]{1,128}$/;
/** Characters that SQS does not take in a body. */
const FORBIDDEN = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const checkKey = (name: string, value: string): string => {
  if (!KEY.test(value)) throw invalid(`Value ${value} for parameter ${name} is invalid.`);
  return value;
};

const readFifoKeys = ({ group, deduplication }: SendOptions): FifoKeys => {
  if (group === undefined) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter MessageGroupId.');
  }
  if (deduplication === undefined) {
    throw invalid('The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided');
  }
  return {
    group: checkKey('MessageGroupId', group),
    deduplication: checkKey('MessageDeduplicationId', deduplication),
  };
};

const checkBody = (body: string, attributes: Readonly<Record<string, string>>): void => {
  if (body === '') throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
  if (FORBIDDEN.test(body)) throw new AwsError('InvalidMessageContents', 'Invalid characters in the message.');
  if (Buffer.byteLength(body + Object.entries(attributes).flat().join('')) > MAX_BYTES) {
    throw invalid(`One or more parameters are invalid. Reason: Message must be shorter than ${MAX_BYTES} bytes.`);
  }
};

/** Throws `AwsError` for a message that SQS does not take; returns what a FIFO queue orders it by. */
export const checkMessage = (queue: Queue, body: string, options: SendOptions): FifoKeys | undefined => {
  checkBody(body, options.attributes ?? {});
  if (queue.isFifo) return readFifoKeys(options);
  if (options.deduplication !== undefined) {
    throw invalid('The request include parameter that is not valid for this queue type: MessageDeduplicationId');
  }
  return undefined;
};
