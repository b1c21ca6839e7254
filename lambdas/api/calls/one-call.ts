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

/** Between two moments, as ISO 8601: from the first up to the second. */
type Bounds = readonly [from: string, to: string];

const toBounds = (fromMs: number, toMs: number): Bounds => [
  new Date(Math.max(fromMs, 0)).toISOString(),
  new Date(toMs).toISOString(),
];

/** Between which moments a call began that was made or reported at this time: an id is made at its end at the latest. */
const boundsAround = (ms: number): Bounds => toBounds(ms - HOUR_MS, ms + 5 * MINUTE_MS);

/** Between which moments a call with this id began that is asked for, about `at` where that is stated. */
const boundsOf = (id: string, at: string | undefined): Bounds => {
  if (at !== undefined) return toBounds(Date.parse(at) - HOUR_MS, Date.parse(at) + HOUR_MS + 5 * MINUTE_MS);
  const made = timeIn(id);
  return made === undefined ? toBounds(Date.now() - DAY_MS, Date.now() + HOUR_MS) : boundsAround(made);
};

/**
 * Between which moments the parent or original of a call began. Where its id does not say: within a day before, because
 * all calls of that time are read.
 */
const boundsOfRelated = (id: string, { started_at }: Call): Bounds => {
  const made = timeIn(id);
  if (made !== undefined) return boundsAround(made);
  const startedAt = Date.parse(started_at);
  return toBounds(startedAt - DAY_MS, startedAt + HOUR_MS);
};

const findCall = async (reader: Reader, id: string, bounds: Bounds): Promise<WholeCall | undefined> =>
  (await reader.rows<WholeCall>('call', [id, ...bounds]))[0];

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

/** The call with this id that the call names, among those of its thread if it is one of them. */
const findRelated = async (
  reader: Reader,
  id: string | null,
  call: Call,
  thread: readonly Call[],
): Promise<Call | null> => {
  if (id === null) return null;
  const known = thread.find(({ event_id }) => event_id === id);
  if (known) return known;
  const related = await findCall(reader, id, boundsOfRelated(id, call));
  return related ? listedCall.parse(related) : null;
};

/** GET /v1/calls/{id} */
export const getCall: RouteHandler = async ({ database, tenantOf, logPageOf }, context) => {
  const { at } = parseQuery(callQuery, context.req);
  const id = parsePath(eventId, 'id', context).toLowerCase();
  const tenant = tenantOf(context);
  const report = await readStore(database, tenant, async (reader): Promise<CallReport> => {
    const call = await findCall(reader, id, boundsOf(id, at));
    if (!call) throw new RefusedError(404, `There is no call with the id ${id}, or you may not see it.`);
    const thread = await reader.rows<Call>('call-thread', [call.correlation_id, call.started_at, id]);
    return {
      call,
      dependencies: dependenciesOf(call),
      thread,
      parent: await findRelated(reader, call.parent_id, call, thread),
      children: thread.filter(({ parent_id }) => parent_id === id),
      original: await findRelated(reader, call.replay_of, call, thread),
      replays: await reader.rows<Call>('call-replays', [id, call.started_at]),
      log_url: tenant === undefined ? logPageOf(call) : null,
    };
  });
  return Response.json(report);
};
