import { toLine } from '../../contract/clean-line.ts';
import { DAY_MS } from '../../contract/durations.ts';
import { parseJson } from '../../contract/parse-json.ts';
import type { ChannelAnswer, Outcome } from './channel.ts';
import { cutLine } from './clean-text.ts';

/** Longer waits are no answer: whoever sends one is asked again after a day. */
const MAX_WAIT_MS = DAY_MS;
const MAX_QUOTE = 200;

/** Content that is refused as it is, and would be again. */
const UNACCEPTABLE: readonly number[] = [400, 411, 413, 414, 415, 422, 431];
const LATER: readonly number[] = [408, 409, 421, 423, 425, 429];

const toWait = (ms: number): number | undefined =>
  Number.isFinite(ms) ? Math.min(Math.max(Math.ceil(ms), 0), MAX_WAIT_MS) : undefined;

/** The time that `Retry-After` asks for, in milliseconds: it is a number of seconds, or a date. */
export const readRetryAfter = (header: string | undefined, now: number): number | undefined => {
  const text = header?.trim() ?? '';
  if (/^\d+(\.\d+)?$/.test(text)) return toWait(Number(text) * 1_000);
  return /^[A-Z]/i.test(text) ? toWait(Date.parse(text) - now) : undefined;
};

/** The JSON object that an answer is; an empty one for anything else. */
export const readObject = (body: string): Readonly<Record<string, unknown>> => {
  const parsed = parseJson(body);
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {};
};

/** A run of characters that may be a key or a token: long, and with a digit or with both cases. */
const LIKE_A_SECRET = /(?=[\w+/=~%.-]*(?:\d|[a-z][A-Z]|[A-Z][a-z]+[A-Z]))[\w+/=~%.-]{16,}/g;

/** The beginning of what a receiver wrote, as one line and without what may be a secret. */
export const quoteAnswer = (body: string): string => {
  const line = cutLine(toLine(body.slice(0, 4 * MAX_QUOTE)).replace(LIKE_A_SECRET, '…'), MAX_QUOTE);
  return line === '' ? '' : `: ${line}`;
};

/** Another attempt, when the receiver says so. */
export const tryLater = (reason: string, { headers }: ChannelAnswer, now: number): Outcome => {
  const afterMs = readRetryAfter(headers['retry-after'], now);
  return { kind: 'later', reason, ...(afterMs !== undefined && { afterMs }) };
};

/** What a status means that is no success. `explanation` is added to the reason; it holds no secret. */
export const readFailure = (answer: ChannelAnswer, now: number, explanation = ''): Outcome => {
  const { status } = answer;
  const reason = `The channel answered ${status}${explanation}`;
  // Where a redirect leads is not said: it may hold a secret.
  if (status >= 300 && status < 400)
    return { kind: 'dead', reason: `The channel redirects (${status}), which is refused` };
  if (UNACCEPTABLE.includes(status)) return { kind: 'unacceptable', reason };
  if (status < 400 || status >= 500 || LATER.includes(status)) return tryLater(reason, answer, now);
  return { kind: 'dead', reason };
};

export const isSuccess = ({ status }: ChannelAnswer): boolean => status >= 200 && status < 300;
