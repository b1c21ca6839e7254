import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import type { Certificate } from '../../emulator/certificate.ts';
import { createRequestCheck, refuseRequest } from '../../emulator/request-check.ts';
import { listenOnSamePort } from '../same-port.ts';
import type { ReceivedRequest, Receiver, ReceiverAnswer } from './receiver.ts';

/** What can be wrong with a receiver. */
export type Fault =
  /** Nobody listens. */
  | { readonly kind: 'down' }
  /** Connections end before an answer. */
  | { readonly kind: 'reset' }
  /** Nothing is ever answered. */
  | { readonly kind: 'hang' }
  /** More is sent than it allows. */
  | { readonly kind: 'too-many'; readonly retryAfterSeconds: number }
  /** It answers with one status to everything: 410, 500. */
  | { readonly kind: 'status'; readonly status: number }
  /** It takes everything and shows nothing. */
  | { readonly kind: 'lose' };

/** One request that came, and the status of its answer; none when there was no answer. */
export interface Attempt {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number | undefined;
}

const readRequest = async (request: IncomingMessage): Promise<ReceivedRequest> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://localhost');
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: request.method ?? '',
    path: pathname,
    query: searchParams,
    headers: Object.fromEntries(headers),
    body: await text(request),
  };
};

/** What a receiver with a fault answers; undefined when it does not. */
const answerWithFault = (receiver: Receiver, fault: Fault | undefined, request: ReceivedRequest) => {
  receiver.board.losesAll = fault?.kind === 'lose';
  if (fault?.kind === 'too-many') return receiver.refuseRate(fault.retryAfterSeconds);
  if (fault?.kind === 'status') return { status: fault.status };
  return fault === undefined || fault.kind === 'lose' ? receiver.answer(request) : undefined;
};

const send = (response: ServerResponse, { status, headers = {}, body = '' }: ReceiverAnswer): void => {
  response.writeHead(status, headers).end(body);
};

/**
 * Serves a receiver over HTTPS, on this machine only. It has the same address as before if `portFile` remembers it, so
 * that what is on its way to it finds it after a restart.
 */
export const serveReceiver = async <Served extends Receiver>(
  receiver: Served,
  { key, cert }: Certificate,
  portFile?: string,
) => {
  const attempts: Attempt[] = [];
  const checkRequest = createRequestCheck();
  let fault: Fault | undefined;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const received = await readRequest(request);
    const answer = await answerWithFault(receiver, fault, received);
    const { method, path, headers } = received;
    attempts.push({ at: Date.now(), method, path, headers, status: answer?.status });
    if (answer) send(response, answer);
    else if (fault?.kind === 'reset') request.socket.destroy();
  };

  const server = createServer({ key, cert }, (request, response) => {
    if (refuseRequest(checkRequest, request, response)) return;
    // The sender has gone before all of it was here, or what the receiver asks does not answer.
    serve(request, response).catch(() => request.socket.destroy());
  });
  const listenAgain = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });

  const port = await listenOnSamePort(server, portFile);
  return {
    receiver,
    host: `localhost:${port}`,
    url: `https://localhost:${port}${receiver.path}`,
    attempts: (): readonly Attempt[] => attempts,
    /** Breaks it in one way, or mends it. */
    setFault: async (next: Fault | undefined): Promise<void> => {
      const wasDown = fault?.kind === 'down';
      fault = next;
      if (next?.kind === 'down' && !wasDown) await stop();
      if (next?.kind !== 'down' && wasDown) await listenAgain();
    },
    stop,
  };
};
