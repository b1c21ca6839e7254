import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Certificate } from '../emulator/certificate.ts';
import { createRequestCheck, refuseRequest } from '../emulator/request-check.ts';

const envelope = z.discriminatedUnion('Type', [
  z.object({ Type: z.literal('SubscriptionConfirmation'), TopicArn: z.string(), SubscribeURL: z.url() }),
  z.object({
    Type: z.literal('Notification'),
    TopicArn: z.string(),
    Subject: z.string(),
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

/** A webhook like a pager's: it confirms subscriptions and records the notifications it receives. */
export const startPager = async ({ key, cert }: Certificate) => {
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/alerts`,
    pages: (): readonly Page[] => pages,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
