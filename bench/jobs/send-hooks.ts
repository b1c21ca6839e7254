import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';

export interface Sender {
  /** Where hooks of the source are received. */
  readonly url: string;
  /** That the source signs with, as GitHub does. */
  readonly secret: string;
}

export interface Sent {
  /** Until each request that was accepted was answered, in milliseconds. */
  readonly durations: number[];
  /** The ids of what was accepted, as the sender names it. */
  readonly deliveries: string[];
  /** Requests that were answered with 503 or not at all, and were sent again. */
  readonly repeated: number;
  readonly seconds: number;
}

const RETRY_MS = 200;

const post = (url: string, headers: Record<string, string>, body: string, agent: Agent) =>
  new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent, timeout: 30_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.on('error', reject);
    sent.end(body);
  });

/**
 * Sends events with so many requests at a time, each again until it is accepted, as senders do: with the same delivery id.
 * A tenth is sent twice although it was accepted.
 */
export const sendHooks = async (
  { url, secret }: Sender,
  { events, atOnce, label }: { events: number; atOnce: number; label: string },
): Promise<Sent> => {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const durations: number[] = [];
  const deliveries = new Set<string>();
  let repeated = 0;
  let next = 0;
  const sendOne = async (number: number): Promise<void> => {
    const body = JSON.stringify({ sku: 'LAM-108', quantity: 1 + (number % 9) });
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const headers = {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-github-delivery': `${label}-${number}`,
      'x-github-event': 'order',
      'x-hub-signature-256': signature,
    };
    for (;;) {
      const from = performance.now();
      const answer = await post(url, headers, body, agent).catch(() => undefined);
      if (answer?.status === 202) {
        durations.push(performance.now() - from);
        deliveries.add(headers['x-github-delivery']);
        return;
      }
      if (answer !== undefined && answer.status < 500 && answer.status !== 429)
        throw new Error(`A hook was answered ${answer.status}: ${answer.text.slice(0, 300)}`);
      repeated += 1;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  const from = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let number = next++; number < events; number = next++) {
        await sendOne(number);
        if (number % 10 === 0) await sendOne(number);
      }
    }),
  );
  agent.destroy();
  return { durations, deliveries: [...deliveries], repeated, seconds: (performance.now() - from) / 1_000 };
};
