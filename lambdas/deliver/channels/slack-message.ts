import type { ActionsBlock, KnownBlock, MessageAttachment, RichTextBlock } from '@slack/types';
import type { Notice } from '../../contract/notice.ts';
import type { Form } from './channel.ts';
import { breakAfter, countCodePoints, cutLine, escapeToFit, withoutLinks } from './clean-text.ts';
import { buildToFit, COLOURS, type Content, type Link, readContent } from './content.ts';

/** Slack's limits, in code points. */
const MAX_BUTTON = 75;
const MAX_CONTEXT = 2_000;
const MAX_HEADLINE = 1_000;
/** Slack refuses messages of about 13,200 characters in all with `msg_blocks_too_long`, which it documents nowhere. */
const MAX_MESSAGE = 10_000;

/** What both ways to write to Slack send. */
export interface SlackMessage {
  /** What notifications, screen readers and searches show. */
  readonly text: string;
  readonly blocks: KnownBlock[];
  readonly attachments: MessageAttachment[];
}

/** Slack understands formatting only at the edge of a word. */
const FORMATTING = /(?<![\p{L}\p{N}])[*_~`]/gu;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** These three characters are all that Slack has escapes for. */
const toEntities = (text: string): string => text.replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');

/** A line that shows the same where Slack understands its markup. */
const escapeMarkup = (line: string): string => breakAfter(toEntities(withoutLinks(line)), FORMATTING);

const write = (line: string, limit = MAX_HEADLINE): string =>
  escapeToFit(line, { limit, count: countCodePoints, write: escapeMarkup });

/** Words that Slack does not search for markup. */
const toRichText = (lines: readonly string[], style?: { bold: true }): RichTextBlock => ({
  type: 'rich_text',
  elements: [
    {
      type: 'rich_text_section',
      elements: [{ type: 'text', text: lines.map(withoutLinks).join('\n'), ...(style && { style }) }],
    },
  ],
});

const toButtons = (links: readonly Link[]): ActionsBlock => ({
  type: 'actions',
  elements: links.map(({ title, url }, index) => ({
    type: 'button',
    action_id: `open_${index}`,
    text: { type: 'plain_text', text: cutLine(title, MAX_BUTTON), emoji: false },
    url,
  })),
});

/**
 * The title stands outside of the attachment, because Slack folds what is inside; the attachment is there for its
 * colour. The text is not shown beside blocks.
 */
const buildRich = ({ tone, headline, lines, links, context }: Content): SlackMessage => {
  const fallback = [headline, ...lines.slice(0, 1)].map((line) => write(line));
  const blocks: KnownBlock[] = [
    ...(lines.length > 0 ? [toRichText(lines)] : []),
    ...(context === ''
      ? []
      : [
          {
            type: 'context' as const,
            elements: [
              { type: 'plain_text' as const, text: cutLine(withoutLinks(context), MAX_CONTEXT), emoji: false },
            ],
          },
        ]),
    ...(links.length > 0 ? [toButtons(links)] : []),
  ];
  return {
    text: fallback.join('\n'),
    blocks: [toRichText([headline], { bold: true })],
    attachments: blocks.length > 0 ? [{ color: COLOURS[tone], fallback: fallback.at(-1) ?? '', blocks }] : [],
  };
};

const toTextLink = ({ title, url }: Link): string =>
  `<${toEntities(url).replaceAll('|', '%7C')}|${escapeMarkup(title).replaceAll('|', '/')}>`;

const buildText = ({ headline, lines, links, context }: Content): SlackMessage => ({
  text: [headline, ...lines, context]
    .filter((line) => line !== '')
    .map((line) => write(line))
    .concat(links.map(toTextLink))
    .join('\n'),
  blocks: [],
  attachments: [],
});

/** A notice as Slack shows it. */
export const buildSlackMessage = (notice: Notice, form: Form): SlackMessage =>
  buildToFit(
    readContent(notice, form),
    form === 'rich' ? buildRich : buildText,
    (message) => countCodePoints(JSON.stringify(message)) <= MAX_MESSAGE,
  );
