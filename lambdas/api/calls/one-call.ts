import * as z from 'zod';
import {
  type Call,
  type CallDependency,
  type CallReport,
  callQuery,
  eventId,
  listedCall,
  type WholeCall,
} from '../../contract/api/calls.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../contract/durations.ts';
import { RefusedError } from '../request/errors.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** When a UUID of version 7 was made, in milliseconds since 1970; undefined for one of another version. */
const timeIn = (id: string): number | undefined => {
  const ms = id[14] === '7' ? Number.parseInt(id.replace('-', '').slice(0, 12), 16) : Number.NaN;
  return ms >= 0 && ms < 253_402_300_800_000 ? ms : undefined;
};

/** Between which moments a call with this id began: an id is made at its beginning, or at its end at the latest. */
const boundsOf = (id: string, at: string | undefined): [string, string] => {
  const stated = at === undefined ? timeIn(id) : Date.parse(at);
  const [from, until] =
    stated === undefined ? [Date.now() - DAY_MS, Date.now() + HOUR_MS] : [stated - HOUR_MS, stated + 5 * MINUTE_MS];
  const end = at === undefined ? until : until + HOUR_MS;
  return [new Date(Math.max(from, 0)).toISOString(), new Date(end).toISOString()];
};

const findCall = async (reader: Reader, id: string, at?: string): Promise<WholeCall | undefined> =>
  (await reader.rows<WholeCall>('call', [id, ...boundsOf(id, at)]))[0];

const tally = z.object({ calls: z.int().min(0), failed: z.int().min(0), ms: z.number().min(0) });

/** The outside services that a call asked, as its line counts them. Anything else under that name is not one. */
const dependenciesOf = ({ metadata }: WholeCall): CallDependency[] => {
  const { data = {} } = z.record(z.string(), z.unknown()).safeParse(metadata?.dependencies);
  return Object.entries(data)
    .flatMap(([name, given]) => {
      const { data: figures } = tally.safeParse(given);
      return figures ? [{ name, ...figures }] : [];
    })
    .sort((one, other) => other.ms - one.ms);
};

/** The call with this id, among those of the thread if it is one of them. */
const findRelated = async (reader: Reader, id: string | null, thread: readonly Call[]): Promise<Call | null> => {
  if (id === null) return null;
  const known = thread.find(({ event_id }) => event_id === id);
  if (known) return known;
  const call = await findCall(reader, id);
  return call ? listedCall.parse(call) : null;
};

/** GET /v1/calls/{id} */
export const getCall: RouteHandler = async ({ database, tenantOf, logPageOf }, context) => {
  const { at } = parseQuery(callQuery, context.req);
  const id = parsePath(eventId, 'id', context).toLowerCase();
  const tenant = tenantOf(context);
  const report = await readStore(database, tenant, async (reader): Promise<CallReport> => {
    const call = await findCall(reader, id, at);
    if (!call) throw new RefusedError(404, `There is no call with the id ${id}, or you may not see it.`);
    const thread = await reader.rows<Call>('call-thread', [call.correlation_id, call.started_at]);
    return {
      call,
      dependencies: dependenciesOf(call),
      thread,
      parent: await findRelated(reader, call.parent_id, thread),
      children: thread.filter(({ parent_id }) => parent_id === id),
      original: await findRelated(reader, call.replay_of, thread),
      replays: await reader.rows<Call>('call-replays', [id, call.started_at]),
      log_url: tenant === undefined ? logPageOf(call) : null,
    };
  });
  return Response.json(report);
};
