import { Webhook } from 'standardwebhooks';
import * as z from 'zod';
import { renderPlain } from './markup.ts';
import {
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
  refuseRateByHeader,
} from './receiver.ts';

/** What a receiver of Standard Webhooks accepts: signatures are verified by the library that the standard's authors publish. */

const MAX_BODY = 20 * 1_024;

const event = z.strictObject({
  type: z.string().regex(/^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$/),
  timestamp: z.iso.datetime(),
  data: z.looseObject({
    title: z.string().min(1),
    state: z.enum(['open', 'over', 'quiet', 'event']),
    severity: z.enum(['critical', 'warning', 'info']),
    lines: z.array(z.string()).default([]),
    links: z.array(z.strictObject({ title: z.string(), url: z.url() })).default([]),
    thread: z.string(),
  }),
});

/** An event; a sentence when it is none. */
const readWebhookEvent = (body: unknown): z.output<typeof event> | string => {
  const parsed = event.safeParse(body);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
};

const isSigned = (secret: string, { body, headers }: ReceivedRequest): boolean => {
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
};

/** A webhook with one secret; an event that comes twice is shown once. */
export const createWebhook = (secret: string): Receiver => {
  const board = new Board();
  const path = '/hooks/alerts';
  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (request.path !== path) return { status: 404 };
    if (!isSigned(secret, request)) return { status: 401 };
    if (Buffer.byteLength(request.body) >= MAX_BODY) return { status: 413 };
    const body = readJsonObject(request);
    const read = request.method === 'POST' && body ? readWebhookEvent(body) : 'no event';
    if (typeof read === 'string') return { status: 400 };
    const { title, state, lines, links, thread } = read.data;
    board.show(request.headers['webhook-id'] ?? '', {
      title,
      lines,
      buttons: links,
      colour: state,
      thread,
      links: links.map(({ url }) => url),
      mentions: renderPlain('').mentions,
    });
    return { status: 204 };
  };
  return { path, board, answer, refuseRate: refuseRateByHeader };
};
