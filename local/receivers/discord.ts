import * as z from 'zod';
import { type Rendered, renderAll, renderMarkdown, renderPlain } from './markup.ts';
import {
  answerJson,
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
} from './receiver.ts';

/** What Discord accepts from a webhook. */

const embed = z.strictObject({
  title: z.string().max(256).optional(),
  description: z.string().max(4_096).optional(),
  url: z.url().optional(),
  color: z.int().min(0).max(0xffffff).optional(),
  timestamp: z.iso.datetime().optional(),
  footer: z.strictObject({ text: z.string().min(1).max(2_048) }).optional(),
  fields: z
    .array(z.strictObject({ name: z.string().min(1).max(256), value: z.string().min(1).max(1_024) }))
    .max(25)
    .optional(),
});
type Embed = z.output<typeof embed>;

const lengthOf = ({ title = '', description = '', footer, fields = [] }: Embed): number =>
  [title, description, footer?.text ?? '', ...fields.flatMap(({ name, value }) => [name, value])].join('').length;

const message = z
  .strictObject({
    content: z.string().max(2_000).default(''),
    embeds: z
      .array(embed)
      .max(10)
      .refine((embeds) => embeds.reduce((sum, some) => sum + lengthOf(some), 0) <= 6_000)
      .default([]),
    allowed_mentions: z.strictObject({ parse: z.array(z.enum(['roles', 'users', 'everyone'])) }).optional(),
    username: z.string().min(1).max(80).optional(),
  })
  .refine(({ content, embeds }) => content !== '' || embeds.length > 0);
type Message = z.output<typeof message>;

/** A message; a sentence when Discord refuses it. */
const readDiscordMessage = (body: unknown): Message | string => {
  const parsed = message.safeParse(body);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
};

const renderEmbed = ({ title = '', description = '', footer }: Embed): Rendered =>
  renderAll([renderMarkdown(title), renderMarkdown(description), renderPlain(footer?.text ?? '')]);

const show = ({ content, embeds, allowed_mentions }: Message) => {
  const rendered = renderAll([renderMarkdown(content), ...embeds.map(renderEmbed)]);
  const [title = '', ...lines] = rendered.text.split('\n').filter((line) => line !== '');
  const color = embeds[0]?.color;
  return {
    title,
    lines,
    buttons: rendered.links,
    colour: color === undefined ? undefined : `#${color.toString(16).padStart(6, '0')}`,
    links: rendered.links.map(({ url }) => url),
    // Without a list of its own, everybody who is named is mentioned.
    mentions: allowed_mentions ? allowed_mentions.parse : ['everyone', ...rendered.mentions],
  };
};

/** A webhook of Discord: it answers with the message when it is asked to wait for it. */
export const createDiscord = (id = '100000000000000001', token = 'localReceiverToken'): Receiver => {
  const board = new Board();
  const path = `/api/webhooks/${id}/${token}`;
  let count = 0;
  const refuse = (status: number, code: number, text: string) => answerJson(status, { code, message: text });

  const post = (read: Message, isAwaited: boolean): ReceiverAnswer => {
    count += 1;
    const messageId = String(200_000_000_000_000_000n + BigInt(count));
    board.show(messageId, show(read));
    return isAwaited ? answerJson(200, { id: messageId, type: 0 }) : { status: 204 };
  };

  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (!request.path.startsWith(`/api/webhooks/${id}/`)) return refuse(404, 10_015, 'Unknown Webhook');
    if (!request.path.startsWith(path)) return refuse(401, 50_027, 'Invalid Webhook Token');
    const body = readJsonObject(request);
    if (!body) return refuse(400, 50_109, 'The request body contains invalid JSON.');
    const read = readDiscordMessage(body);
    if (typeof read === 'string') return refuse(400, 50_035, 'Invalid Form Body');
    if (request.method === 'POST' && request.path === path) return post(read, request.query.get('wait') === 'true');
    const [, messageId = ''] = /\/messages\/(\d+)$/.exec(request.path) ?? [];
    if (request.method !== 'PATCH' || messageId === '') return refuse(405, 0, '405: Method Not Allowed');
    if (!board.find(messageId)) return refuse(404, 10_008, 'Unknown Message');
    board.show(messageId, { ...show(read), mark: 'edited' });
    return answerJson(200, { id: messageId, type: 0 });
  };

  const refuseRate = (seconds: number) =>
    answerJson(
      429,
      { message: 'You are being rate limited.', retry_after: seconds, global: false },
      { 'retry-after': String(Math.ceil(seconds)) },
    );
  return { path, board, answer, refuseRate };
};
