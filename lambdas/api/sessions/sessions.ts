import * as z from 'zod';
import { endsOf } from '../../contract/api/paging.ts';
import {
  CALLS_A_PAGE,
  CALLS_A_SESSION,
  type Session,
  type SessionReport,
  type SessionStep,
  type SessionsReport,
  sessionId,
  sessionQuery,
  sessionsQuery,
} from '../../contract/api/sessions.ts';
import { RefusedError } from '../request/errors.ts';
import { cursorStart, cursorTime, pageOf, readCursor, startOf, writeCursor } from '../request/page-of-rows.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Between which moments calls are read; and after which of their sessions the list goes on. */
const cursor = z.union([
  z.tuple([cursorStart, cursorTime]),
  z.tuple([cursorStart, cursorTime, cursorTime, z.string(), z.string()]),
]);

/** The newest calls began since `read_since` and before `read_until`, where there are any. */
type Row = { calls_read: number; read_since: string | null; read_until: string | null } & (
  | (Session & { cursor_at: string })
  | { session_id: null }
);
type Found = Session & { cursor_at: string };

const isSession = (row: Row): row is Row & Found => row.session_id !== null;

const toSession = ({
  tenant_id,
  session_id,
  user_id,
  client_name,
  started_at,
  last_call_at,
  ...rest
}: Found): Session => ({
  ...{ tenant_id, session_id, user_id, client_name, started_at, last_call_at },
  ...{ calls: rest.calls, failures: rest.failures, tools: rest.tools },
});

/** GET /v1/sessions */
export const getSessions: RouteHandler = async ({ database, tenantOf }, context) => {
  const query = parseQuery(sessionsQuery, context.req);
  const ends = endsOf(query);
  const [start, end = ends.to, lastAt = null, lastTenant = null, lastId = null] = readCursor(cursor, query.after) ?? [];
  const from = startOf(ends.from, start);
  const rows = await readStore(database, tenantOf(context), (reader) =>
    reader.rows<Row>('sessions', [
      ...[from, end, query.limit + 1, lastAt, lastId, query.user_id ?? null, query.client_name ?? null, CALLS_A_PAGE],
      ...[query.tenant_id ?? null, lastTenant],
    ]),
  );
  const [{ calls_read = 0, read_since = null, read_until = null } = {}] = rows;
  // A session that has a further call meanwhile would be on no page: what follows is made of the same calls.
  const page = pageOf(rows.filter(isSession), query.limit, ({ cursor_at, tenant_id, session_id }) => [
    ...[from, read_until ?? end, cursor_at, tenant_id, session_id],
  ]);
  const goesOn = calls_read >= CALLS_A_PAGE && read_since !== null;
  const report: SessionsReport = {
    sessions: page.rows.map(toSession),
    since: goesOn ? new Date(read_since).toISOString() : from,
    next: page.next ?? (goesOn ? writeCursor([from, read_since]) : null),
  };
  return Response.json(report);
};

type StepRow = SessionStep &
  Pick<Session, 'tenant_id' | 'user_id' | 'client_name' | 'calls' | 'failures' | 'last_call_at'> & {
    tenants: string[];
  };

const severalTenants = (id: string, tenants: readonly string[]) =>
  new RefusedError(
    409,
    `Several tenants have a session with the id ${id}. Write the parameter tenant_id, one of ${tenants.join(', ')}.`,
  );

/** GET /v1/sessions/{id} */
export const getSession: RouteHandler = async ({ database, tenantOf }, context) => {
  const query = parseQuery(sessionQuery, context.req);
  const id = parsePath(sessionId, 'id', context);
  const { from, to } = endsOf(query);
  const rows = await readStore(database, tenantOf(context), (reader) =>
    reader.rows<StepRow>('session', [id, from, to, CALLS_A_SESSION, query.tenant_id ?? null]),
  );
  const [first] = rows;
  if (!first) throw new RefusedError(404, `No call of a tool has the session ${id} between ${from} and ${to}.`);
  const { tenants, tenant_id, user_id, client_name, started_at, last_call_at, calls, failures } = first;
  if (tenants.length > 1) throw severalTenants(id, tenants);
  const report: SessionReport = {
    session: {
      ...{ tenant_id, session_id: id, user_id, client_name, started_at, last_call_at, calls, failures },
      tools: rows.slice(0, 20).map(({ tool_name }) => tool_name),
    },
    journey: rows.map(
      ({
        tenant_id: _tenant,
        user_id: _user,
        client_name: _client,
        calls: _calls,
        failures: _failures,
        last_call_at: _last,
        tenants: _tenants,
        ...step
      }) => step,
    ),
  };
  return Response.json(report);
};
