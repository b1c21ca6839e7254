import { existsSync, readFileSync, writeFileSync } from 'node:fs';
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

/** The port that a pager had before, if a file names one; 0 stands for any. */
const readPort = (file: string): number => (existsSync(file) ? Number(readFileSync(file, 'utf8')) || 0 : 0);

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
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  await listen(portFile ? readPort(portFile) : 0).catch(() => listen(0)); // another program may have taken the port
  const { port } = server.address() as AddressInfo;
  if (portFile) writeFileSync(portFile, String(port));
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
