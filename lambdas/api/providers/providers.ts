import { MAX_PROVIDER_PARTS, MAX_PROVIDERS } from '../../contract/answer-limits.ts';
import { endsOf } from '../../contract/api/paging.ts';
import {
  CALLS_OF_PROVIDERS,
  type Provider,
  type ProvidersReport,
  providersQuery,
} from '../../contract/api/providers.ts';
import { parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

type Row = { calls_read: number; calls_read_before: number; read_since: string | null } & (
  | Provider
  | { provider: null }
);

/** Two times of which not all calls were read are not as long as each other, and are not compared. */
const toProviders = ({ calls_read, calls_read_before, read_since: _since, ...provider }: Row): Provider[] => {
  if (provider.provider === null) return [];
  const isCut = Math.max(calls_read, calls_read_before) === CALLS_OF_PROVIDERS;
  return [{ ...provider, before: isCut ? null : provider.before }];
};

/** The beginning of the time before a window, which is as long as from its beginning until now, or until its end. */
const beforeOf = (from: string, to: string): string => {
  const [start, end] = [Date.parse(from), Math.min(Date.parse(to), Date.now())];
  return new Date(Math.max(start - Math.max(end - start, 0), 0)).toISOString();
};

/** GET /v1/providers */
export const getProviders: RouteHandler = async ({ database, tenantOf }, context) => {
  const query = parseQuery(providersQuery, context.req);
  const { from, to } = endsOf(query);
  const rows = await readStore(database, tenantOf(context), (reader) =>
    reader.rows<Row>('providers', [
      ...[from, to, beforeOf(from, to), CALLS_OF_PROVIDERS, MAX_PROVIDERS, query.provider ?? null, MAX_PROVIDER_PARTS],
    ]),
  );
  const [{ calls_read = 0, read_since = null } = {}] = rows;
  const report: ProvidersReport = {
    providers: rows.flatMap(toProviders),
    since: calls_read === CALLS_OF_PROVIDERS && read_since !== null ? read_since : from,
  };
  return Response.json(report);
};
