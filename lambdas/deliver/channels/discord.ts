import { isSuccess, quoteAnswer, readFailure, readObject, tryLater } from './answers.ts';
import type { Channel, ChannelAnswer, ChannelConfig, Form, Outcome } from './channel.ts';
import { countUnits, escapeMarkdown, escapeToFit, withoutLinks } from './clean-text.ts';
import { buildToFit, COLOURS, type Content, isNoticedAgain, type Link, readContent } from './content.ts';
import { toJsonRequest } from './request.ts';

const MAX_CONTENT = 2_000;
const MAX_HEADLINE = 1_500;
const MAX_DESCRIPTION = 4_096;
const MAX_FOOTER = 2_048;
/** Of everything in embeds together. */
const MAX_EMBEDS = 6_000;

/** Discord's numbers for what is wrong, where the status alone would mislead. */
const MISSING_MESSAGE: readonly unknown[] = [
  10008, // unknown message
  30046, // too many edits of an old message
  50005, // a message of somebody else
];
const DEAD: readonly unknown[] = [
  10003, // unknown channel
  10015, // unknown webhook
  50027, // invalid webhook token
  50083, // archived thread
];

const write = (line: string, limit = MAX_CONTENT): string =>
  escapeToFit(line, { limit, count: countUnits, write: escapeMarkdown });

/** Between angle brackets no preview is shown. Behind a title an address ends at its first parenthesis. */
const toLink = ({ title, url }: Link): string =>
  /[()\\]/.test(url) ? `${escapeMarkdown(`${title}:`)} <${url}>` : `[${escapeMarkdown(title)}](<${url}>)`;

/** The title stands outside of the embed, which some people do not show. */
const buildRich = ({ tone, headline, lines, links, context }: Content) => {
  const description = [...lines.map((line) => write(line)), ...links.map(toLink)]
    .filter((text) => text !== '')
    .join('\n');
  const footer = withoutLinks(context);
  return {
    content: write(headline, MAX_HEADLINE),
    embeds:
      `${description}${footer}` === ''
        ? []
        : [
            {
              color: Number.parseInt(COLOURS[tone].slice(1), 16),
              ...(description !== '' && { description }),
              ...(footer !== '' && { footer: { text: footer } }),
            },
          ],
  };
};

type Message = ReturnType<typeof buildRich>;

const buildText = ({ headline, lines, links, context }: Content): Message => ({
  content: [
    ...[headline, ...lines, context].filter((line) => line !== '').map((line) => write(line)),
    ...links.map(toLink),
  ].join('\n'),
  embeds: [],
});

const fits = ({ content, embeds }: Message): boolean =>
  content.length <= MAX_CONTENT &&
  embeds.every(({ description = '', footer }) => {
    const foot = footer?.text ?? '';
    return (
      description.length <= MAX_DESCRIPTION &&
      foot.length <= MAX_FOOTER &&
      description.length + foot.length <= MAX_EMBEDS
    );
  });

const buildMessage = (content: Content, form: Form): Message =>
  buildToFit(content, form === 'rich' ? buildRich : buildText, fits);

/** The address of a webhook, or of a message of it. */
const addressOf = ({ secret, settings }: ChannelConfig<'discord'>, message?: string): string => {
  const { origin, pathname } = new URL(secret);
  const path = message === undefined ? '' : `/messages/${message}`;
  const thread = settings.threadId === undefined ? '' : `&thread_id=${settings.threadId}`;
  return `${origin}${pathname.replace(/\/$/, '')}${path}?wait=true${thread}`;
};

const readError = (answer: ChannelAnswer, now: number): Outcome => {
  const { code, retry_after: seconds } = readObject(answer.body);
  if (MISSING_MESSAGE.includes(code)) {
    return { kind: 'unknown-message', reason: `Discord cannot change the message (${code})` };
  }
  if (DEAD.includes(code)) return { kind: 'dead', reason: `Discord answered ${answer.status} (${code})` };
  const outcome = readFailure(answer, now, quoteAnswer(answer.body));
  if (outcome.kind !== 'later' || typeof seconds !== 'number') return outcome;
  // The body is finer than the header, and it is the one that Discord means.
  return tryLater(outcome.reason, { ...answer, headers: { 'retry-after': seconds.toFixed(3) } }, now);
};

const SNOWFLAKE = /^\d{15,22}$/;

/** Discord by a webhook. One message about a thread changes with it; what must be noticed again is a new one. */
export const discord: Channel<ChannelConfig<'discord'>> = {
  minIntervalMs: 500,

  buildRequest: (notice, config, { form, reference }) => {
    const { content, embeds } = buildMessage(readContent(notice, form), form);
    const isChange = reference !== undefined && SNOWFLAKE.test(reference) && !isNoticedAgain(notice);
    return toJsonRequest({
      method: isChange ? 'PATCH' : 'POST',
      url: addressOf(config, isChange ? reference : undefined),
      body: { content, embeds, allowed_mentions: { parse: [] } },
    });
  },

  readAnswer: (answer, now) => {
    if (!isSuccess(answer)) return readError(answer, now);
    const { id } = readObject(answer.body);
    return typeof id === 'string' && SNOWFLAKE.test(id) ? { kind: 'posted', reference: id } : { kind: 'accepted' };
  },
};
