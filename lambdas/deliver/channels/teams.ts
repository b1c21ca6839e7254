import { isSuccess, quoteAnswer, readFailure } from './answers.ts';
import type { Channel, ChannelConfig, Form } from './channel.ts';
import { breakAfter, countUnits, escapeMarkdown, escapeToFit, withoutLinks } from './clean-text.ts';
import { buildToFit, type Content, readContent, type Tone } from './content.ts';
import { sizeOf, toJsonRequest } from './request.ts';

/** Teams refuses more than 28 KB. */
const MAX_BODY = 27_000;
const MAX_TEXT = 2_000;

/** Adaptive Cards know colours by their meaning only. */
const COLORS: Readonly<Record<Tone, string>> = {
  critical: 'Attention',
  warning: 'Warning',
  info: 'Accent',
  over: 'Good',
  quiet: 'Default',
};

/** A line in the Markdown of cards, in which `{{` begins a date. */
const escapeMarkup = (line: string): string => breakAfter(escapeMarkdown(line), /\{(?=\{)/g);

const toTextBlock = (line: string, style: object = {}) => ({
  type: 'TextBlock',
  text: escapeToFit(line, { limit: MAX_TEXT, count: countUnits, write: escapeMarkup }),
  wrap: true,
  ...style,
});

const TITLE = { weight: 'Bolder', size: 'Medium', style: 'heading' };
const CONTEXT = { isSubtle: true, size: 'Small', spacing: 'Medium' };

/**
 * The oldest elements only. A workflow takes everything with status 202 and fails later where nobody sees it, so that a
 * simpler form would never be tried; and some refuse the element whose text has no markup, RichTextBlock.
 */
const buildCard = ({ tone, headline, lines, links, context }: Content, form: Form) => ({
  $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
  type: 'AdaptiveCard',
  version: '1.4',
  ...(form === 'rich' && { msteams: { width: 'Full' } }),
  fallbackText: withoutLinks(headline),
  body: [
    toTextBlock(headline, form === 'rich' ? { ...TITLE, color: COLORS[tone] } : {}),
    ...lines.map((line) => toTextBlock(line, { spacing: 'Small' })),
    ...(context === '' ? [] : [toTextBlock(context, form === 'rich' ? CONTEXT : {})]),
  ],
  ...(links.length > 0 && { actions: links.map(({ title, url }) => ({ type: 'Action.OpenUrl', title, url })) }),
});

const toMessage = (card: object) => ({
  type: 'message',
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }],
});

/** Microsoft Teams by a workflow. It cannot change what it has posted, so that an end is a message of its own. */
export const teams: Channel<ChannelConfig<'teams'>> = {
  minIntervalMs: 250,

  buildRequest: (notice, { settings, secret: url }, { form }) => {
    const body = buildToFit(
      readContent(notice, form),
      (content) => (settings.shape === 'card' ? buildCard(content, form) : toMessage(buildCard(content, form))),
      (built) => sizeOf(built) <= MAX_BODY,
    );
    return toJsonRequest({ url, body });
  },

  readAnswer: (answer, now) =>
    isSuccess(answer) ? { kind: 'accepted' } : readFailure(answer, now, quoteAnswer(answer.body)),
};
