import * as z from 'zod';
import type {
  ErrorGroup,
  ErrorGroupReport,
  ErrorGroupsReport,
  ExampleCall,
  TrendHour,
  UpstreamErrors,
  UpstreamErrorsReport,
} from '../../contract/error-groups.ts';
import { errorGroupChange, errorGroupsQuery, groupId, upstreamErrorsQuery } from '../../contract/error-groups.ts';
import { noQuery } from '../../contract/queries.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { writeStore } from '../changes/write-store.ts';
import { RefusedError } from '../request/errors.ts';
import { cursorTime, pageOf, readCursor } from '../request/page-of-rows.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

const cursor = z.tuple([cursorTime, groupId]);

/** How many calls of a group are shown. */
const EXAMPLES = 20;

const noSuchGroup = (id: string) =>
  new RefusedError(404, `There is no group of failures with the id ${id}; see /v1/error-groups.`);

const readGroup = async (reader: Reader, id: string): Promise<ErrorGroup> => {
  const [group] = await reader.rows<ErrorGroup>('error-groups', [
    ...[null, null, null, null, null, null],
    ...[id, 1, null, null],
  ]);
  if (!group) throw noSuchGroup(id);
  return group;
};

/** GET /v1/error-groups */
export const getErrorGroups: RouteHandler = async ({ database, tenantOf }, context) => {
  const { tool, kind, provider, state, fault, version, limit, after } = parseQuery(errorGroupsQuery, context.req);
  const [seenAt = null, id = null] = readCursor(cursor, after) ?? [];
  const report: ErrorGroupsReport = await readStore(database, tenantOf(context), async (reader) => {
    const groups = await reader.rows<ErrorGroup>('error-groups', [
      ...[tool === undefined ? (kind ?? null) : 'tool', tool ?? null, provider ?? null, state ?? null, fault ?? null],
      ...[version ?? null, null, limit + 1, seenAt, id],
    ]);
    const page = pageOf(groups, limit, ({ last_seen_at, group_id }) => [last_seen_at, group_id]);
    return { ...(await readFreshness(reader)), groups: page.rows, next: page.next };
  });
  return Response.json(report);
};

/** GET /v1/error-groups/{id} */
export const getErrorGroup: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const id = parsePath(groupId, 'id', context);
  const report: ErrorGroupReport = await readStore(database, tenantOf(context), async (reader) => {
    const group = await readGroup(reader, id);
    const key = [group.kind, group.name, group.fingerprint, group.error_code, group.fault];
    return {
      ...(await readFreshness(reader)),
      group,
      examples: await reader.rows<ExampleCall>('error-group-calls', [...key, EXAMPLES]),
      trend: await reader.rows<TrendHour>('error-group-trend', key),
    };
  });
  return Response.json(report);
};

/** GET /v1/upstream-errors */
export const getUpstreamErrors: RouteHandler = async ({ database, tenantOf }, context) => {
  const { limit } = parseQuery(upstreamErrorsQuery, context.req);
  const report: UpstreamErrorsReport = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    upstream_errors: await reader.rows<UpstreamErrors>('upstream-errors', [limit]),
  }));
  return Response.json(report);
};

const ACTIONS = { resolved: 'error_group.resolved', muted: 'error_group.muted', open: 'error_group.reopened' } as const;

/** PUT /v1/error-groups/{id} */
export const changeErrorGroup: ChangeHandler = async ({ database, editor }, context, actor) => {
  const id = parsePath(groupId, 'id', context);
  const { state, version, until, reason } = parseBody(errorGroupChange, context.event.received);
  await writeStore(editor, { ...actor, action: ACTIONS[state], target: id, reason }, async (writer) => {
    const [before] = await writer.rows<object>('error-group-state', [id]);
    if (!before) throw noSuchGroup(id);
    await writer.rows('put-error-group-state', [
      ...[id, state, version ?? null, until ?? null, reason ?? null],
      actor.actor,
    ]);
    const [after] = await writer.rows<object>('error-group-state', [id]);
    return { answer: undefined, change: { before, after } };
  });
  const group = await readStore(database, undefined, (reader) => readGroup(reader, id));
  return Response.json({ group });
};
