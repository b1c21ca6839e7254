import * as z from 'zod';
import { type Rendered, renderAll, renderChat, renderHtml, renderPlain } from './markup.ts';
import {
  answerJson,
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
  refuseRateByHeader,
} from './receiver.ts';

/** What Google Chat accepts from the webhook of a space. */

const MAX_BODY = 32_000;

const widget = z.union([
  z.strictObject({ textParagraph: z.strictObject({ text: z.string().min(1) }) }),
  z.strictObject({
    buttonList: z.strictObject({
      buttons: z
        .array(
          z.strictObject({
            text: z.string().min(1),
            onClick: z.strictObject({ openLink: z.strictObject({ url: z.url() }) }),
          }),
        )
        .min(1),
    }),
  }),
]);

const message = z
  .strictObject({
    text: z.string().optional(),
    fallbackText: z.string().optional(),
    cardsV2: z
      .array(
        z.strictObject({
          cardId: z.string().min(1),
          card: z.strictObject({
            header: z.strictObject({ title: z.string(), subtitle: z.string().optional() }).optional(),
            sections: z.array(z.strictObject({ widgets: z.array(widget).min(1) })).min(1),
          }),
        }),
      )
      .optional(),
    thread: z.strictObject({ threadKey: z.string().min(1).max(4_000) }).optional(),
  })
  .refine(({ text, cardsV2 }) => text || cardsV2);
type Message = z.output<typeof message>;

/** A message; a sentence when Google Chat refuses it. */
const readChatMessage = (body: unknown): Message | string => {
  const parsed = message.safeParse(body);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
};

const renderWidget = (part: z.output<typeof widget>): Rendered =>
  'textParagraph' in part
    ? renderHtml(part.textParagraph.text)
    : renderAll(part.buttonList.buttons.map(({ text }) => ({ ...renderPlain(text), text: '' })));

const show = ({ text = '', cardsV2 = [], thread }: Message) => {
  const widgets = cardsV2.flatMap(({ card }) => card.sections.flatMap((section) => section.widgets));
  const rendered = renderAll([renderChat(text), ...widgets.map(renderWidget)]);
  const [title = '', ...lines] = rendered.text.split('\n').filter((line) => line !== '');
  const buttons = widgets.flatMap((part) =>
    'buttonList' in part
      ? part.buttonList.buttons.map((button) => ({ title: button.text, url: button.onClick.openLink.url }))
      : [],
  );
  const [, colour] = /<font color="([^"]*)">/.exec(JSON.stringify(cardsV2).replaceAll('\\"', '"')) ?? [];
  const written = cardsV2.length > 0 ? [] : rendered.links;
  return {
    title,
    lines,
    buttons: [...buttons, ...written],
    colour,
    thread: thread?.threadKey,
    links: [...rendered.links, ...buttons].map(({ url }) => url),
    mentions: rendered.mentions,
  };
};

/** The webhook of a space. A request id that it has seen shows nothing again. */
export const createGoogleChat = (key = 'localReceiverKey', token = 'localReceiverToken'): Receiver => {
  const board = new Board();
  const path = '/v1/spaces/local/messages';
  const seen = new Map<string, string>();
  const refuse = (code: number, status: string) => answerJson(code, { error: { code, status, message: status } });

  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (request.path !== path) return refuse(404, 'NOT_FOUND');
    if (request.query.get('key') !== key) {
      return answerJson(400, {
        error: { code: 400, status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] },
      });
    }
    if (request.query.get('token') !== token) return refuse(403, 'PERMISSION_DENIED');
    const body = readJsonObject(request);
    if (request.method !== 'POST' || !body || Buffer.byteLength(request.body) > MAX_BODY)
      return refuse(400, 'INVALID_ARGUMENT');
    const read = readChatMessage(body);
    if (typeof read === 'string') return refuse(400, 'INVALID_ARGUMENT');
    const requestId = request.query.get('requestId') ?? crypto.randomUUID();
    const name = seen.get(requestId) ?? `spaces/local/messages/${seen.size + 1}`;
    if (!seen.has(requestId)) board.show(name, show(read));
    seen.set(requestId, name);
    return answerJson(200, { name, text: read.text });
  };
  return { path: `${path}?key=${key}&token=${token}`, board, answer, refuseRate: refuseRateByHeader };
};
