import * as z from 'zod';
import { type Rendered, renderAll, renderPlain, renderSlack } from './markup.ts';
import { codePointsOf, type ShownMessage } from './receiver.ts';

/** What Slack accepts as a message, by the limits of its documents; it counts code points. */

const text = (max: number, min = 1) =>
  z.string().refine((value) => codePointsOf(value) >= min && codePointsOf(value) <= max);
const id = text(255);
const plainText = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(max), emoji: z.boolean().optional() });
const markupText = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(max), verbatim: z.boolean().optional() });
const anyText = (max: number) => z.union([plainText(max), markupText(max)]);

const button = z.strictObject({
  type: z.literal('button'),
  action_id: id.optional(),
  text: plainText(75),
  url: z
    .url()
    .refine((url) => codePointsOf(url) <= 3_000)
    .optional(),
  value: text(2_000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});

const style = z.strictObject({
  bold: z.boolean().optional(),
  italic: z.boolean().optional(),
  strike: z.boolean().optional(),
  code: z.boolean().optional(),
});
const richElement = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: text(Number.POSITIVE_INFINITY), style: style.optional() }),
  z.strictObject({ type: z.literal('link'), url: z.url(), text: z.string().optional(), style: style.optional() }),
  z.strictObject({ type: z.literal('user'), user_id: z.string() }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']) }),
]);

const block = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('section'),
    block_id: id.optional(),
    text: anyText(3_000).optional(),
    fields: z.array(anyText(2_000)).min(1).max(10).optional(),
    accessory: button.optional(),
  }),
  z.strictObject({ type: z.literal('header'), block_id: id.optional(), text: plainText(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: id.optional() }),
  z.strictObject({
    type: z.literal('context'),
    block_id: id.optional(),
    elements: z.array(anyText(2_000)).min(1).max(10),
  }),
  z.strictObject({
    type: z.literal('actions'),
    block_id: id.optional(),
    elements: z
      .array(button)
      .min(1)
      .max(25)
      .refine((buttons) => new Set(buttons.map(({ action_id }) => action_id)).size === buttons.length),
  }),
  z.strictObject({
    type: z.literal('rich_text'),
    block_id: id.optional(),
    elements: z
      .array(z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richElement).min(1) }))
      .min(1),
  }),
]);
type Block = z.output<typeof block>;

const attachment = z.strictObject({
  color: z
    .string()
    .regex(/^(good|warning|danger|#[0-9a-f]{6})$/i)
    .optional(),
  fallback: z.string().optional(),
  text: z.string().optional(),
  blocks: z.array(block).max(50).optional(),
});

const message = z.object({
  text: z.string().default(''),
  blocks: z.array(block).max(50).default([]),
  attachments: z.array(attachment).max(100).default([]),
});
export type SlackMessage = z.output<typeof message>;

const MAX_TEXT = 40_000;
/** Documented nowhere; seen at about 13,200. */
const MAX_BLOCKS = 13_200;

/** The message of a request, or Slack's word for what is wrong with it. */
export const readSlackMessage = (body: unknown): SlackMessage | string => {
  const parsed = message.safeParse(body);
  if (!parsed.success) {
    const [part] = parsed.error.issues[0]?.path ?? [];
    return part === 'attachments' && parsed.error.issues[0]?.code === 'too_big'
      ? 'too_many_attachments'
      : `invalid_${part === 'text' ? 'payload' : 'blocks'}`;
  }
  const { text: words, blocks, attachments } = parsed.data;
  if (words === '' && blocks.length === 0 && attachments.length === 0) return 'no_text';
  if (codePointsOf(words) > MAX_TEXT) return 'msg_too_long';
  return codePointsOf(JSON.stringify({ blocks, attachments })) > MAX_BLOCKS ? 'msg_blocks_too_long' : parsed.data;
};

const renderText = ({ type, text: words }: { type: string; text: string }): Rendered =>
  type === 'mrkdwn' ? renderSlack(words) : renderPlain(words);

const renderElement = (element: z.output<typeof richElement>): Rendered => {
  if (element.type === 'text') return renderPlain(element.text);
  if (element.type === 'link') {
    return { text: '', links: [{ title: element.text ?? element.url, url: element.url }], mentions: [] };
  }
  return { text: '', links: [], mentions: [element.type === 'user' ? element.user_id : element.range] };
};

const renderBlock = (part: Block): Rendered => {
  if (part.type === 'rich_text') return renderAll(part.elements.flatMap(({ elements }) => elements.map(renderElement)));
  if (part.type === 'context') return renderAll(part.elements.map(renderText));
  if (part.type === 'header') return renderPlain(part.text.text);
  if (part.type === 'section')
    return renderAll([part.text, ...(part.fields ?? [])].flatMap((some) => (some ? [renderText(some)] : [])));
  return renderAll([]);
};

const buttonsOf = (part: Block) =>
  part.type === 'actions' ? part.elements.map(({ text: { text: title }, url = '' }) => ({ title, url })) : [];

/** How Slack shows a message: its text only when there are no blocks. */
export const showSlackMessage = (
  { text: words, blocks, attachments }: SlackMessage,
  more: Partial<ShownMessage> = {},
): ShownMessage => {
  const notification = renderSlack(words);
  const below = attachments.flatMap((some) => some.blocks ?? []);
  const parts = [...blocks, ...below];
  const rendered = renderAll([...(blocks.length > 0 ? [] : [notification]), ...parts.map(renderBlock)]);
  const [title = '', ...lines] = rendered.text.split('\n').filter((line) => line !== '');
  const buttons = [...parts.flatMap(buttonsOf), ...(blocks.length > 0 ? [] : notification.links)];
  return {
    title,
    lines,
    buttons,
    colour: attachments[0]?.color,
    links: [...buttons, ...rendered.links, ...notification.links].map(({ url }) => url),
    mentions: [...rendered.mentions, ...notification.mentions],
    ...more,
  };
};
