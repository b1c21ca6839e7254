import * as z from 'zod';
import { type Call, type CallsReport, callsQuery } from '../../contract/api/calls.ts';
import { endsOf } from '../../contract/api/paging.ts';
import { cursorStart, cursorTime, pageOf, readCursor, startOf } from '../request/page-of-rows.ts';
import { parseQuery } from '../request/query.ts';
import { type Reader, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

const cursor = z.tuple([cursorStart, cursorTime, z.guid()]);

/** What makes a group of failures. */
interface GroupKey {
  kind: string;
  name: string;
  fingerprint: string;
  error_code: string;
  fault: string;
}

type Filters = z.output<typeof callsQuery>;
type Row = Call & { cursor_at: string };

/**
 * The kind that is asked for; undefined for all. Whoever names no kind looks for calls of tools, of which requests to
 * this API and evaluations of alert rules would hide every one; unless what else is named says which calls are meant.
 */
const kindOf = ({ kind, name, group_id, correlation_id }: Filters) => {
  if (kind !== undefined) return kind === 'all' ? undefined : kind;
  return (name ?? group_id ?? correlation_id) === undefined ? 'tool' : undefined;
};

/** What is asked for of each field; undefined where two filters exclude each other. */
const joinFilters = (filters: Filters, group: GroupKey | undefined) => {
  const { tool, name, error_code, fault } = filters;
  const agree = (...given: (string | undefined)[]): string | null | undefined => {
    const stated = [...new Set(given.filter((value) => value !== undefined))];
    return stated.length > 1 ? undefined : (stated[0] ?? null);
  };
  const joined = {
    name: agree(tool, name, group?.name),
    kind: agree(tool === undefined ? undefined : 'tool', kindOf(filters), group?.kind),
    error_code: agree(error_code, group?.error_code),
    fault: agree(fault, group?.fault),
  };
  return Object.values(joined).includes(undefined) ? undefined : joined;
};

/** The calls that follow the one at `at` with the id `id`, if there is one, in a window that began at `from`. */
const readCalls = async (
  reader: Reader,
  query: Filters,
  { from, to, at, id }: { from: string; to: string; at: string | null; id: string | null },
) => {
  const [group] = query.group_id === undefined ? [] : await reader.rows<GroupKey>('error-group-key', [query.group_id]);
  const joined = joinFilters(query, group);
  if (!joined || (query.group_id !== undefined && !group)) return [];
  return reader.rows<Row>('calls', [
    ...[from, to, query.limit + 1, at, id, joined.name, joined.kind],
    ...[query.success ?? null, joined.error_code, query.error_type ?? null, joined.fault],
    ...[query.provider ?? null, query.domain ?? null, query.user_id ?? null, query.session_id ?? null],
    ...[query.client_name ?? null, query.tenant_id ?? null, query.version ?? null, query.correlation_id ?? null],
    ...[query.min_ms ?? null, group?.fingerprint ?? null],
  ]);
};

/** GET /v1/calls */
export const getCalls: RouteHandler = async ({ database, tenantOf }, context) => {
  const query = parseQuery(callsQuery, context.req);
  const ends = endsOf(query);
  const [start, at = null, id = null] = readCursor(cursor, query.after) ?? [];
  const from = startOf(ends.from, start);
  const found = await readStore(database, tenantOf(context), (reader) =>
    readCalls(reader, query, { from, to: ends.to, at, id }),
  );
  const { rows, next } = pageOf(found, query.limit, ({ cursor_at, event_id }) => [from, cursor_at, event_id]);
  const report: CallsReport = { calls: rows.map(({ cursor_at, ...call }) => call), next };
  return Response.json(report);
};
