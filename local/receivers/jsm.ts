import * as z from 'zod';
import { renderAll, renderHtml, renderPlain, renderValue } from './markup.ts';
import {
  answerJson,
  Board,
  type ReceivedRequest,
  type Receiver,
  type ReceiverAnswer,
  readJsonObject,
  refuseRateByHeader,
} from './receiver.ts';

/** What the integration API of Jira Service Management accepts. */

const MAX_DETAILS = 8_000;

const alert = z.strictObject({
  message: z.string().min(1).max(130),
  alias: z.string().max(512).optional(),
  description: z.string().max(15_000).optional(),
  responders: z
    .array(z.strictObject({ type: z.enum(['team', 'user', 'escalation', 'schedule']), id: z.string() }))
    .max(50)
    .optional(),
  tags: z.array(z.string().min(1).max(50)).max(20).optional(),
  details: z
    .record(z.string(), z.string())
    .refine((record) => Object.entries(record).flat().join('').length <= MAX_DETAILS)
    .optional(),
  entity: z.string().max(512).optional(),
  source: z.string().max(100).optional(),
  priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']).optional(),
  note: z.string().max(25_000).optional(),
});
const note = z.strictObject({ source: z.string().max(100).optional(), note: z.string().min(1).max(25_000) });
type Alert = z.output<typeof alert>;

const ALERTS = '/jsm/ops/integration/v2/alerts';

/** An alert or a note; a sentence when it is refused. */
const readJsmRequest = (path: string, body: unknown): Alert | z.output<typeof note> | string => {
  const parsed = path === ALERTS ? alert.safeParse(body) : note.safeParse(body);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
};

const show = ({ message, description = '', details = {}, priority, alias }: Alert) => {
  const facts = Object.entries(details).map(([name, value]) => renderValue(`${name}: ${value}`));
  const body = renderHtml(description);
  const rendered = renderAll([renderPlain(message), body, ...facts]);
  const [title = '', ...lines] = rendered.text.split('\n').filter((line) => line !== '');
  return {
    title,
    lines,
    buttons: body.links,
    colour: priority,
    thread: alias,
    links: rendered.links.map(({ url }) => url),
    mentions: rendered.mentions,
  };
};

/** Alerts by their alias. Everything that is understood is accepted; what has no open alert is dropped later. */
export const createJsm = (key: string): Receiver => {
  const board = new Board();
  const open = new Map<string, string>();
  const accept = () =>
    answerJson(202, { result: 'Request will be processed', took: 0.01, requestId: crypto.randomUUID() });

  const create = (created: Alert): void => {
    const alias = created.alias ?? crypto.randomUUID();
    const id = open.get(alias) ?? `${alias} ${board.all().length}`;
    const old = board.find(id);
    board.show(id, old ? { ...old, mark: 'again' } : show(created));
    open.set(alias, id);
  };

  const annotate = (alias: string, text: string, mark: string): void => {
    const id = open.get(alias);
    const old = id === undefined ? undefined : board.find(id);
    if (id === undefined || !old) return;
    const rendered = renderAll(text.split('\n').map(renderPlain));
    board.show(id, {
      ...old,
      lines: [...old.lines, ...rendered.text.split('\n')],
      links: [...old.links, ...rendered.links.map(({ url }) => url)],
      mentions: [...old.mentions, ...rendered.mentions],
      mark,
    });
    if (mark === 'closed') open.delete(alias);
  };

  const answer = (request: ReceivedRequest): ReceiverAnswer => {
    if (request.headers.authorization !== `GenieKey ${key}`)
      return answerJson(401, { message: 'Key format is not valid!' });
    const body = readJsonObject(request);
    const [, alias, action] = new RegExp(`^${ALERTS}/([^/]+)/(close|notes)$`).exec(request.path) ?? [];
    if (request.path !== ALERTS && alias === undefined) return answerJson(404, { message: 'No such path' });
    if (request.method !== 'POST' || !body) return answerJson(422, { message: 'Request body is not processable.' });
    const read = readJsmRequest(request.path, body);
    if (typeof read === 'string')
      return answerJson(422, { message: 'Request body is not processable.', errors: { body: read } });
    if ('message' in read) create(read);
    // Without the kind of identifier it would be looked for among ids.
    else if (alias !== undefined && request.query.get('identifierType') === 'alias') {
      annotate(decodeURIComponent(alias), read.note, action === 'close' ? 'closed' : 'note added');
    }
    return accept();
  };
  return { path: '/', board, answer, refuseRate: refuseRateByHeader };
};
