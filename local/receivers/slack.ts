import {
  answerJson,
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
  refuseRateByHeader,
} from './receiver.ts';
import { readSlackMessage, showSlackMessage } from './slack-message.ts';

const STATUS_OF: Readonly<Record<string, number>> = {
  no_service: 404,
  channel_not_found: 404,
  channel_is_archived: 410,
};

const refuseWord = (word: string): ReceiverAnswer => ({ status: STATUS_OF[word] ?? 400, body: word });

/** An incoming webhook of Slack: it answers in words. */
export const createSlackWebhook = (path = '/services/T00000000/B00000000/localReceiver000000000'): Receiver => {
  const board = new Board();
  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (request.path !== path) return refuseWord('no_service');
    const body = readJsonObject(request);
    if (request.method !== 'POST' || !body) return refuseWord('invalid_payload');
    const message = readSlackMessage(body);
    if (typeof message === 'string') return refuseWord(message);
    board.show(String(board.all().length), showSlackMessage(message));
    return { status: 200, headers: { 'content-type': 'text/html' }, body: 'ok' };
  };
  const refuseRate = (seconds: number) => ({ ...refuseRateByHeader(seconds), body: 'rate_limited' });
  return { path, board, answer, refuseRate };
};

interface BotOptions {
  readonly token: string;
  readonly channel: string;
}

/** Slack's API as far as it posts and changes messages: its errors have status 200. */
export const createSlackBot = ({ token, channel }: BotOptions): Receiver => {
  const board = new Board();
  let count = 0;
  const refuse = (error: string) => answerJson(200, { ok: false, error });

  const post = (body: Record<string, unknown>): ReceiverAnswer => {
    const message = readSlackMessage(body);
    if (typeof message === 'string') return refuse(message);
    count += 1;
    const ts = `1700000000.${String(count).padStart(6, '0')}`;
    const thread = typeof body.thread_ts === 'string' ? body.thread_ts : undefined;
    board.show(
      ts,
      showSlackMessage(message, {
        thread: thread ?? ts,
        mark: body.reply_broadcast === true ? 'also in the channel' : undefined,
      }),
    );
    return answerJson(200, {
      ok: true,
      channel,
      ts,
      message: { text: message.text, ...(thread && { thread_ts: thread }) },
    });
  };

  const change = (body: Record<string, unknown>): ReceiverAnswer => {
    const ts = String(body.ts);
    const old = board.find(ts);
    if (!old) return refuse('message_not_found');
    // Without these lists Slack leaves those of before, which nobody means.
    if (!Array.isArray(body.blocks) || !Array.isArray(body.attachments)) return refuse('invalid_arguments');
    const message = readSlackMessage(body);
    if (typeof message === 'string') return refuse(message);
    board.show(ts, showSlackMessage(message, { thread: old.thread, mark: 'edited' }));
    return answerJson(200, { ok: true, channel, ts, text: message.text });
  };

  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    const { authorization = '' } = request.headers;
    if (authorization !== `Bearer ${token}`) return refuse(authorization === '' ? 'not_authed' : 'invalid_auth');
    const body = readJsonObject(request);
    if (request.method !== 'POST' || !body) return refuse('invalid_json');
    if (body.channel !== channel) return refuse('channel_not_found');
    if (request.path === '/api/chat.postMessage') return post(body);
    return request.path === '/api/chat.update' ? change(body) : refuse('unknown_method');
  };

  const refuseRate = (seconds: number) =>
    answerJson(429, { ok: false, error: 'ratelimited' }, { 'retry-after': String(seconds) });
  return { path: '/', board, answer, refuseRate };
};
