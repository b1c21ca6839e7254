import { lookup } from 'node:dns/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request as startRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { SECOND_MS } from '../contract/durations.ts';
import { findAddresses, PrivateAddress, type Resolve } from './addresses.ts';
import type { ChannelAnswer, ChannelRequest } from './channels/channel.ts';

/** How long a request may take, from the question for the address to the end of the answer. */
const TIMEOUT_MS = 10 * SECOND_MS;
/** No channel says more than this that matters. */
const MAX_ANSWER_BYTES = 65_536;

/** Why a request has no answer. Neither text contains any part of the request but the name of its host. */
interface SendFailure {
  /** A word: `timeout`, `econnrefused`, `private_address`. */
  readonly type: string;
  readonly reason: string;
  /** Whether another attempt would fail as well. */
  readonly isLasting: boolean;
}

export type SendResult =
  | { readonly answer: ChannelAnswer; readonly failure?: undefined }
  | { readonly answer?: undefined; readonly failure: SendFailure };

export interface SendOptions {
  readonly allowPrivateAddresses: boolean;
  readonly resolve?: Resolve;
  readonly timeoutMs?: number;
  /** The certificate authority that the channel's certificate must be of. Default: the public ones. */
  readonly ca?: string;
}

const resolveByDns: Resolve = (hostname) => lookup(hostname, { all: true });

const lasting = (type: string, reason: string): SendFailure => ({ type, reason, isLasting: true });

const timedOut = (timeoutMs: number): SendFailure => ({
  type: 'timeout',
  reason: `The channel did not answer within ${timeoutMs / SECOND_MS} seconds`,
  isLasting: false,
});

/** Of the error only its code: its message may quote the request. */
const failureOfError = (error: unknown, host: string): SendFailure => {
  if (error instanceof PrivateAddress)
    return lasting('private_address', `${host} has no address on the public internet`);
  const { code } = (error ?? {}) as { code?: unknown };
  const type = typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,63}$/.test(code) ? code.toLowerCase() : 'no_connection';
  return { type, reason: `There was no answer of ${host} (${type})`, isLasting: type.startsWith('err_invalid') };
};

const headersOf = ({ headers }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** The beginning of an answer. What has begun and then breaks off is an answer too: the channel has had the request. */
const readAnswer = (response: IncomingMessage): Promise<ChannelAnswer> =>
  new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: headersOf(response),
        body: Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES).toString('utf8'),
      });
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= MAX_ANSWER_BYTES) response.destroy();
    });
    response.on('error', () => {});
    response.on('close', finish);
  });

const exchange = (
  { method, url, headers, body }: ChannelRequest,
  { pinned, signal, ca }: { pinned: LookupFunction; signal: AbortSignal; ca: string | undefined },
): Promise<ChannelAnswer> =>
  new Promise((resolve, reject) => {
    const outgoing = startRequest(url, {
      method,
      // Without a connection of before: its address was checked before as well.
      agent: new Agent({ keepAlive: false, ...(ca !== undefined && { ca }) }),
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      lookup: pinned,
      signal,
    });
    let hasAnswer = false;
    outgoing.on('response', (response) => {
      hasAnswer = true;
      void readAnswer(response).then(resolve);
    });
    outgoing.on('error', (error) => hasAnswer || reject(error));
    outgoing.end(body);
  });

/**
 * Sends a request and resolves to its answer, whatever that is: no redirect is followed. It goes by HTTPS, to an address
 * that was checked, and takes at most ten seconds. Never rejects.
 */
export const sendRequest = async (
  request: ChannelRequest,
  { allowPrivateAddresses, resolve = resolveByDns, timeoutMs = TIMEOUT_MS, ca }: SendOptions,
): Promise<SendResult> => {
  const url = URL.canParse(request.url) ? new URL(request.url) : undefined;
  if (url?.protocol !== 'https:')
    return { failure: lasting('no_https', 'The address of the channel is not https://…') };
  const signal = AbortSignal.timeout(timeoutMs);
  const expired = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  try {
    const addresses = await Promise.race([findAddresses(url.hostname, resolve, allowPrivateAddresses), expired]);
    const pinned: LookupFunction = (_hostname, { all }, callback) => {
      const [first] = addresses;
      if (all) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family ?? 0);
    };
    return { answer: await exchange(request, { pinned, signal, ca }) };
  } catch (error) {
    return { failure: signal.aborted ? timedOut(timeoutMs) : failureOfError(error, url.hostname) };
  }
};
