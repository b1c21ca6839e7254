import { noQuery } from '../../contract/queries.ts';
import type { StoreReport } from '../../contract/reports.ts';
import { parseQuery } from '../request/query.ts';
import { type Freshness, readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** GET /v1/store */
export const getStore: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(noQuery, context.req);
  operatorOnly(context);
  const report = await readStore(database, undefined, async (reader) => ({
    ...(await readFreshness(reader)),
    ...(await reader.rows<Omit<StoreReport, keyof Freshness>>('store'))[0],
    certificate_until: reader.certificateUntil(),
  }));
  return Response.json(report);
};
