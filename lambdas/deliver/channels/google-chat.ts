import type { Notice } from '../../contract/notice.ts';
import { isSuccess, quoteAnswer, readFailure, readObject } from './answers.ts';
import type { Channel, ChannelConfig, Form } from './channel.ts';
import { breakAfter, countUnits, escapeHtml, escapeToFit, withoutLinks } from './clean-text.ts';
import { buildToFit, COLOURS, type Content, type Link, readContent } from './content.ts';
import { sizeOf, toJsonRequest } from './request.ts';
import { threadKeyOf } from './thread-key.ts';

/** Google Chat refuses more than 32,000 bytes, cards included. */
const MAX_BODY = 31_000;
const MAX_LINE = 2_000;
const MAX_KEY = 1_000;

/** In the markup of a text there is no escape: what has a meaning is separated from what it would act on. */
const MARKUP = /<|(?<![\p{L}\p{N}])[*_~`]/gu;

const escapeMarkup = (line: string): string => breakAfter(withoutLinks(line), MARKUP);

const write = (line: string): string => escapeToFit(line, { limit: MAX_LINE, count: countUnits, write: escapeMarkup });
const writeHtml = (line: string): string =>
  escapeToFit(line, { limit: MAX_LINE, count: countUnits, write: escapeHtml });

const toParagraph = (text: string) => ({ textParagraph: { text } });

const toButtons = (links: readonly Link[]) => ({
  buttonList: {
    buttons: links.map(({ title, url }) => ({ text: withoutLinks(title), onClick: { openLink: { url } } })),
  },
});

/** The title is the text, which notifications show; the card has the rest, and the colour. */
const buildRich = ({ tone, headline, lines, links, context }: Content) => {
  const widgets = [
    ...(lines.length > 0 ? [toParagraph(lines.map(writeHtml).join('<br>'))] : []),
    ...(context === '' ? [] : [toParagraph(`<font color="${COLOURS[tone]}">${writeHtml(context)}</font>`)]),
    ...(links.length > 0 ? [toButtons(links)] : []),
  ];
  const text = write(headline);
  return {
    text,
    ...(widgets.length > 0 && {
      fallbackText: text,
      cardsV2: [{ cardId: 'notice', card: { sections: [{ widgets }] } }],
    }),
  };
};

const toTextLink = ({ title, url }: Link): string =>
  `<${url.replaceAll('|', '%7C')}|${escapeMarkup(title.replace(/[<>|]+/g, ' '))}>`;

const buildText = ({ headline, lines, links, context }: Content): ReturnType<typeof buildRich> => ({
  text: [...[headline, ...lines, context].filter((line) => line !== '').map(write), ...links.map(toTextLink)].join(
    '\n',
  ),
});

const build = (notice: Notice, form: Form) =>
  buildToFit(
    readContent(notice, form),
    (content) => ({
      ...(form === 'rich' ? buildRich : buildText)(content),
      thread: { threadKey: threadKeyOf(notice, MAX_KEY) },
    }),
    (body) => sizeOf(body) <= MAX_BODY,
  );

/**
 * Google Chat by the webhook of a space. Notices about one thing are a thread there, because a webhook cannot change what
 * it has posted. A notice has one request id, so that one that is sent twice is shown once.
 */
export const googleChat: Channel<ChannelConfig<'google-chat'>> = {
  minIntervalMs: 1_000,

  buildRequest: (notice, { secret }, { form }) => {
    const url = new URL(secret);
    url.searchParams.set('messageReplyOption', 'REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD');
    url.searchParams.set('requestId', notice.id);
    return toJsonRequest({ url: url.href, body: build(notice, form) });
  },

  readAnswer: (answer, now) => {
    // Of an invalid key Google says with status 400 what others say with 401.
    if (answer.status === 400 && answer.body.includes('API_KEY_INVALID')) {
      return { kind: 'dead', reason: 'Google Chat does not know the key of the webhook' };
    }
    if (!isSuccess(answer)) return readFailure(answer, now, quoteAnswer(answer.body));
    const { name } = readObject(answer.body);
    return { kind: typeof name === 'string' && name.includes('/messages/') ? 'posted' : 'accepted' };
  },
};
