import { gunzipSync } from 'node:zlib';
import * as z from 'zod';

/** The event of a log subscription: what it carries is JSON, gzipped, in base64. */
export const subscriptionEvent = z.object({ awslogs: z.object({ data: z.string() }) });

const payload = z.object({
  messageType: z.string(),
  logEvents: z.array(z.object({ message: z.string() })).default([]),
});

/** Far above what six megabytes of log lines inflate to, far below what would end the process. */
const LARGEST_PAYLOAD = 256 * 1024 * 1024;

/** The log lines an event carries; none for the message by which the log service tries whether anybody listens. */
export const linesOf = (event: unknown): string[] => {
  const { data } = subscriptionEvent.parse(event).awslogs;
  const inflated = gunzipSync(Buffer.from(data, 'base64'), { maxOutputLength: LARGEST_PAYLOAD }).toString('utf8');
  const { messageType, logEvents } = payload.parse(JSON.parse(inflated));
  return messageType === 'DATA_MESSAGE' ? logEvents.map(({ message }) => message) : [];
};
