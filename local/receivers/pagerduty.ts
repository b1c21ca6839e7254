import * as z from 'zod';
import { renderAll, renderPlain, renderValue } from './markup.ts';
import {
  answerJson,
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
  refuseRateByHeader,
} from './receiver.ts';

/** What PagerDuty's Events API v2 accepts. */

const MAX_BODY = 524_288;

const details = z.record(z.string(), z.unknown());
const link = z.strictObject({ href: z.url(), text: z.string().optional() });
const routingKey = z.string().length(32);

const payload = z.strictObject({
  summary: z.string().min(1).max(1_024),
  source: z.string().min(1),
  severity: z.enum(['critical', 'error', 'warning', 'info']),
  timestamp: z.iso.datetime().optional(),
  component: z.string().optional(),
  group: z.string().optional(),
  class: z.string().optional(),
  custom_details: details.optional(),
});

const triggerEvent = z.strictObject({
  routing_key: routingKey,
  event_action: z.literal('trigger'),
  dedup_key: z.string().min(1).max(255).optional(),
  payload,
  images: z.array(z.strictObject({ src: z.url(), href: z.url().optional(), alt: z.string().optional() })).optional(),
  links: z.array(link).optional(),
  client: z.string().optional(),
  client_url: z.url().optional(),
});
const event = z.discriminatedUnion('event_action', [
  triggerEvent,
  z.strictObject({
    routing_key: routingKey,
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255),
  }),
]);
const changeEvent = z.strictObject({
  routing_key: routingKey.refine((key) => !key.startsWith('R')),
  payload: payload.omit({ severity: true, component: true, group: true, class: true }),
  links: z.array(link).optional(),
});

type Trigger = z.output<typeof triggerEvent>;
type Change = z.output<typeof changeEvent>;

/** An event; a sentence when PagerDuty refuses it. */
const readPagerdutyEvent = (path: string, body: unknown): z.output<typeof event> | Change | string => {
  const parsed = path === '/v2/change/enqueue' ? changeEvent.safeParse(body) : event.safeParse(body);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
};

const show = ({ payload: { summary, source, custom_details }, links = [] }: Trigger | Change) => {
  const { text = '', context = '', ...facts } = custom_details ?? {};
  const rendered = renderAll([
    ...[summary, source, `${text}`, `${context}`].map(renderPlain),
    ...Object.entries(facts).map(([name, value]) => renderValue(`${name}: ${value}`)),
  ]);
  const [title = '', ...lines] = rendered.text.split('\n').filter((line) => line !== '');
  const buttons = links.map(({ href, text = href }) => ({ title: text, url: href }));
  return {
    title,
    lines,
    buttons,
    links: [...rendered.links, ...buttons].map(({ url }) => url),
    mentions: rendered.mentions,
  };
};

/** The Events API v2: alerts by their key, which a resolve ends, and changes. */
export const createPagerduty = (key: string): Receiver => {
  const board = new Board();
  const open = new Map<string, string>();
  const refuse = (error: string) =>
    answerJson(400, { status: 'invalid event', message: 'Event object is invalid', errors: [error] });
  const accept = (more: object = {}) => answerJson(202, { status: 'success', message: 'Event processed', ...more });

  /** What came first stays the alert; what follows is in its log. */
  const trigger = (taken: Trigger): void => {
    const dedupKey = taken.dedup_key ?? crypto.randomUUID();
    const id = open.get(dedupKey) ?? `${dedupKey} ${board.all().length}`;
    const alert = board.find(id);
    const shown = { ...show(taken), colour: taken.payload.severity, thread: dedupKey };
    board.show(
      id,
      alert
        ? {
            ...alert,
            lines: [...alert.lines, shown.title],
            links: [...alert.links, ...shown.links],
            mentions: [...alert.mentions, ...shown.mentions],
            mark: 'triggered again',
          }
        : shown,
    );
    open.set(dedupKey, id);
  };

  const resolve = (dedupKey: string): void => {
    const id = open.get(dedupKey);
    const alert = id === undefined ? undefined : board.find(id);
    open.delete(dedupKey);
    if (id !== undefined && alert) board.show(id, { ...alert, mark: 'resolved' });
  };

  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (!['/v2/enqueue', '/v2/change/enqueue'].includes(request.path)) return { status: 404 };
    if (Buffer.byteLength(request.body) > MAX_BODY) return answerJson(413, { status: 'payload too large' });
    const body = readJsonObject(request);
    if (request.method !== 'POST' || !body) return refuse('The body is no JSON object');
    const read = readPagerdutyEvent(request.path, body);
    if (typeof read === 'string') return refuse(read);
    if (read.routing_key !== key) return refuse('Invalid routing key');
    if (!('event_action' in read)) {
      board.show(`change ${board.all().length}`, { ...show(read), thread: 'changes' });
    } else if (read.event_action === 'trigger') trigger(read);
    else if (read.event_action === 'resolve') resolve(read.dedup_key);
    return accept('dedup_key' in read ? { dedup_key: read.dedup_key } : {});
  };
  return { path: '/', board, answer, refuseRate: refuseRateByHeader };
};
