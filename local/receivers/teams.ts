import * as z from 'zod';
import { renderAll, renderMarkdown } from './markup.ts';
import {
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
  refuseRateByHeader,
} from './receiver.ts';

/** What a workflow of Teams posts: Adaptive Cards up to version 1.4, of the elements that every client shows. */

const MAX_BODY = 28_672;

const textBlock = z.strictObject({
  type: z.literal('TextBlock'),
  text: z.string().min(1),
  wrap: z.boolean().optional(),
  weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
  size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']).optional(),
  color: z.enum(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention']).optional(),
  style: z.enum(['default', 'heading']).optional(),
  isSubtle: z.boolean().optional(),
  spacing: z.enum(['None', 'Small', 'Default', 'Medium', 'Large', 'ExtraLarge', 'Padding']).optional(),
});

const card = z.strictObject({
  $schema: z.url().optional(),
  type: z.literal('AdaptiveCard'),
  version: z.enum(['1.0', '1.1', '1.2', '1.3', '1.4']),
  fallbackText: z.string().optional(),
  msteams: z.strictObject({ width: z.literal('Full') }).optional(),
  body: z.array(textBlock).min(1),
  actions: z
    .array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string().min(1), url: z.url() }))
    .max(6)
    .optional(),
});

const message = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null().optional(),
        content: card,
      }),
    )
    .length(1),
});

type Card = z.output<typeof card>;
type Shape = 'message' | 'card';

/** The card that a workflow would post; a sentence when its run would fail. */
export const readTeamsCard = (shape: Shape, body: unknown): Card | string => {
  const parsed = shape === 'card' ? card.safeParse(body) : message.safeParse(body);
  if (!parsed.success) return z.prettifyError(parsed.error);
  return 'attachments' in parsed.data ? (parsed.data.attachments[0]?.content ?? 'no card') : parsed.data;
};

const show = ({ body, actions = [] }: Card) => {
  const rendered = renderAll(body.map(({ text }) => renderMarkdown(text)));
  const [title = '', ...lines] = rendered.text.split('\n');
  const buttons = actions.map(({ title: text, url }) => ({ title: text, url }));
  return {
    title,
    lines,
    buttons,
    colour: body[0]?.color,
    links: [...rendered.links, ...buttons].map(({ url }) => url),
    mentions: [...rendered.mentions, ...rendered.text.split('\n').flatMap((line) => line.match(/\{\{\w+\(/g) ?? [])],
  };
};

export interface TeamsReceiver extends Receiver {
  /** Why runs of the workflow failed after the request had been accepted; nobody else sees it. */
  readonly failedRuns: readonly string[];
}

/** A workflow: it accepts before it runs, so that a card it cannot post is lost. */
export const createTeams = (shape: Shape, signature = 'localReceiverSignature'): TeamsReceiver => {
  const board = new Board();
  const failedRuns: string[] = [];
  const path = '/workflows/local/triggers/manual/paths/invoke';
  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (request.path !== path) return { status: 404 };
    if (request.query.get('sig') !== signature) return { status: 401 };
    if (Buffer.byteLength(request.body) > MAX_BODY) return { status: 413 };
    const body = readJsonObject(request);
    if (request.method !== 'POST' || !body) return { status: 400 };
    const read = readTeamsCard(shape, body);
    if (typeof read === 'string') failedRuns.push(read);
    else board.show(String(board.all().length), show(read));
    return { status: 202 };
  };
  return {
    path: `${path}?api-version=2016-06-01&sig=${signature}`,
    board,
    failedRuns,
    answer,
    refuseRate: refuseRateByHeader,
  };
};
