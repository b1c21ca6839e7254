import { createHmac } from 'node:crypto';
import { toLine } from '../../contract/clean-line.ts';
import type { Notice } from '../../contract/notice.ts';
import { isSuccess, readFailure } from './answers.ts';
import type { Channel, ChannelConfig, Form } from './channel.ts';
import { buildToFit, type Content, factsOf, placeOf, readContent } from './content.ts';
import { sizeOf, toJsonRequest } from './request.ts';

/** Standard Webhooks advises less than 20 KB. */
const MAX_BODY = 20_000;
const SECRET_PREFIX = 'whsec_';

const iso = (at: number): string => new Date(at).toISOString();

/** For programs: the texts are as they were written, but for what cannot be seen or sent. */
const dataOf = (notice: Notice, { title, lines, links, context }: Content, form: Form) => ({
  thread: notice.thread,
  state: notice.state,
  severity: notice.severity,
  title,
  ...(context !== '' && { lines, links }),
  ...(form === 'rich' && { facts: factsOf(notice) }),
  since: iso(notice.since),
  at: iso(notice.at),
  place: notice.place,
});

const buildBody = (notice: Notice, form: Form) => {
  const clean = {
    ...notice,
    thread: toLine(notice.thread),
    place: placeOf(notice),
  };
  return buildToFit(
    readContent(notice, form),
    (content) => ({ type: notice.type, timestamp: iso(notice.at), data: dataOf(clean, content, form) }),
    (body) => sizeOf(body) < MAX_BODY,
  );
};

/** The signature of Standard Webhooks 1.0.0, `v1`: HMAC-SHA256 over the id, the time of this attempt and the body. */
const sign = (secret: string, content: string): string => {
  const key = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64');
  return `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
};

/** A webhook of one's own, signed as Standard Webhooks says, with each secret while they are changed over. */
export const webhook: Channel<ChannelConfig<'webhook'>> = {
  minIntervalMs: 0,

  buildRequest: (notice, { settings, secret: { url, secrets, headers } }, { form, now }) => {
    const request = toJsonRequest({ url, body: buildBody(notice, form) });
    const timestamp = String(Math.floor(now / 1_000));
    const content = `${notice.id}.${timestamp}.${request.body}`;
    const own = Object.entries({ ...settings.headers, ...headers }).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      ...request,
      headers: {
        ...request.headers,
        ...Object.fromEntries(own),
        'webhook-id': notice.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': secrets.map((secret) => sign(secret, content)).join(' '),
      },
    };
  },

  // What the receiver writes is not repeated: whose it is, is not known.
  readAnswer: (answer, now) => (isSuccess(answer) ? { kind: 'accepted' } : readFailure(answer, now)),
};
