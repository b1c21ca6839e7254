import { isSuccess } from './answers.ts';
import type { Channel, ChannelConfig } from './channel.ts';
import { toJsonRequest } from './request.ts';
import { readSlackError } from './slack-answers.ts';
import { buildSlackMessage } from './slack-message.ts';

/** Slack by an incoming webhook: each notice is a message of its own, because Slack says nothing by which to find one again. */
export const slackWebhook: Channel<ChannelConfig<'slack-webhook'>> = {
  minIntervalMs: 1_000,

  buildRequest: (notice, { secret: url }, { form }) => {
    const { text, blocks, attachments } = buildSlackMessage(notice, form);
    return toJsonRequest({
      url,
      body: {
        text,
        ...(blocks.length > 0 && { blocks }),
        ...(attachments.length > 0 && { attachments }),
        unfurl_links: false,
        unfurl_media: false,
      },
    });
  },

  readAnswer: (answer, now) => {
    const word = answer.body.trim();
    if (!isSuccess(answer)) return readSlackError(word, answer, now);
    return { kind: word === 'ok' ? 'posted' : 'accepted' };
  },
};
