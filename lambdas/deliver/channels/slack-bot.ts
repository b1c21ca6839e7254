import * as z from 'zod';
import { isSuccess, readFailure, readObject } from './answers.ts';
import type { Channel, ChannelConfig } from './channel.ts';
import { isNoticedAgain } from './content.ts';
import { toJsonRequest } from './request.ts';
import { readSlackError } from './slack-answers.ts';
import { buildSlackMessage } from './slack-message.ts';

/** Where a message is: the id of its channel, and its time, by which Slack knows it. */
const REFERENCE = /^([A-Z0-9]+):(\d+\.\d+)$/;

const posted = z.object({
  channel: z.string(),
  ts: z.string(),
  message: z.object({ thread_ts: z.string().optional() }).optional(),
});

/** The message that later notices change; of an answer in a thread, the thread's first. */
const readReference = (body: unknown): string | undefined => {
  const parsed = posted.safeParse(body);
  if (!parsed.success) return undefined;
  const { channel, ts, message } = parsed.data;
  const reference = `${channel}:${message?.thread_ts ?? ts}`;
  return REFERENCE.test(reference) ? reference : undefined;
};

/**
 * Slack by the token of a bot. One message about a thread that changes with it; what must be noticed again is also an
 * answer below it that the channel shows.
 */
export const slackBot: Channel<ChannelConfig<'slack-bot'>> = {
  minIntervalMs: 1_000,

  buildRequest: (notice, { settings, secret }, { form, reference }) => {
    const [, channel = '', ts = ''] = REFERENCE.exec(reference ?? '') ?? [];
    const { text, blocks, attachments } = buildSlackMessage(notice, form);
    const call = (method: string, fields: object) =>
      toJsonRequest({
        url: `https://${settings.host}/api/${method}`,
        headers: { authorization: `Bearer ${secret}` },
        // Without empty lists Slack would leave those of the message that is changed.
        body: { ...fields, text, blocks, attachments, parse: 'none', link_names: false },
      });
    const quietly = { unfurl_links: false, unfurl_media: false };
    if (ts === '') return call('chat.postMessage', { channel: settings.channel, ...quietly });
    if (!isNoticedAgain(notice)) return call('chat.update', { channel, ts });
    return call('chat.postMessage', { channel, thread_ts: ts, reply_broadcast: true, ...quietly });
  },

  readAnswer: (answer, now) => {
    const body = readObject(answer.body);
    if (typeof body.error === 'string') return readSlackError(body.error, answer, now);
    if (!isSuccess(answer)) return readFailure(answer, now);
    const reference = readReference(body);
    return body.ok === true
      ? { kind: 'posted', ...(reference !== undefined && { reference }) }
      : readSlackError('', answer, now);
  },
};
