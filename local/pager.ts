import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Certificate } from '../emulator/certificate.ts';
import { createRequestCheck, refuseRequest } from '../emulator/request-check.ts';
import { listenOnSamePort } from './same-port.ts';

const envelope = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('SubscriptionConfirmation'), TopicArn: z.string(), SubscribeURL: z.url() }),
  z.object({
    Type: z.literal('Notification'),
    TopicArn: z.string(),
    Subject: z.string().default(''),
    Message: z.string(),
    Timestamp: z.string(),
  }),
]);

/** A notification as a pager would show it. */
export interface Page {
  subject: string;
  message: string;
  at: string;
}

/** Undefined for what is no JSON. */
const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/**
 * A webhook like a pager's: it confirms subscriptions and records the notifications it receives. It has the same
 * address as before if `portFile` remembers it, so that notifications on their way to it find it after a restart.
 */
export const startPager = async ({ key, cert }: Certificate, portFile?: string) => {
  const pages: Page[] = [];
  const checkRequest = createRequestCheck();
  const server = createServer({ key, cert }, async (request, response) => {
    if (refuseRequest(checkRequest, request, response)) return undefined;
    const parsed = envelope.safeParse(parseJson(await text(request)));
    if (!parsed.success) return response.writeHead(400).end();
    const { data } = parsed;
    if (data.Type === 'Notification') pages.push({ subject: data.Subject, message: data.Message, at: data.Timestamp });
    else await fetch(data.SubscribeURL);
    return response.writeHead(200).end();
  });
  const port = await listenOnSamePort(server, portFile);
  return {
    url: `https://localhost:${port}/alerts`,
    pages: (): readonly Page[] => pages,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
