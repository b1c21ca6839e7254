import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Certificate } from '../emulator/certificate.ts';

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

/** A message somebody's pager would show. */
export interface Page {
  subject: string;
  message: string;
  at: string;
}

/** A webhook as pagers have one: confirms the subscriptions it is asked to, and keeps what it is told. */
export const startPager = async ({ key, cert }: Certificate) => {
  const pages: Page[] = [];
  const server = createServer({ key, cert }, async (request, response) => {
    const parsed = envelope.safeParse(JSON.parse(await text(request)));
    if (!parsed.success) return response.writeHead(400).end();
    const told = parsed.data;
    if (told.Type === 'Notification') pages.push({ subject: told.Subject, message: told.Message, at: told.Timestamp });
    else await fetch(told.SubscribeURL);
    return response.writeHead(200).end();
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', listening);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/alerts`,
    pages: (): readonly Page[] => pages,
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
