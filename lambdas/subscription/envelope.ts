import { gunzipSync } from 'node:zlib';
import * as z from 'zod';
import { parseAs } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';

/** The event of a log subscription; its data is gzipped JSON in base64. */
const subscriptionEvent = z.object({ awslogs: z.object({ data: z.string() }) });

const payload = z.object({
  messageType: z.string(),
  logEvents: z.array(z.object({ message: z.string() })).default([]),
});

/**
 * In bytes: far above what six megabytes of log lines inflate to, far below what would exhaust the process's memory.
 */
const MAX_PAYLOAD_BYTES = 256 * 1024 * 1024;

/** The log lines in an event; none for the control message by which the log service tests the subscription. */
export const linesOf = (event: unknown): string[] => {
  const { data } = parseAs(subscriptionEvent, event, 'The event of the log subscription').awslogs;
  const inflated = gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: MAX_PAYLOAD_BYTES }).toString('utf8');
  const { messageType, logEvents } = parseAs(payload, parseJson(inflated), 'The payload of the log subscription');
  return messageType === 'DATA_MESSAGE' ? logEvents.map(({ message }) => message) : [];
};
