import type * as z from 'zod';
import {
  type AnalyticsReport,
  analyticsQuery,
  MAX_OPERATIONS,
  type Operation,
  type ShopHealthReport,
  shopAnalyticsQuery,
} from '../../contract/api/analytics.ts';
import { minutesAgo } from '../../contract/api/paging.ts';
import { HOUR_MS } from '../../contract/durations.ts';
import { listQuery } from '../../contract/queries.ts';
import { parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler, RouteParts } from '../route-handler.ts';

const DAY_MINUTES = 24 * 60;
/** The provider of the operations of WooCommerce shops. */
const SHOPS = 'woocommerce';

type Stats = AnalyticsReport['data']['stats'];
type Row = Stats & { metrics: Operation[]; first_at: string | null };

/** Which operations are asked for. */
type Asked = z.output<typeof analyticsQuery>;

const readAnalytics = async (
  { database }: RouteParts,
  tenant: string | undefined,
  { days, limit, ...asked }: Asked,
): Promise<AnalyticsReport> => {
  const { domain = null, operation = null, provider = null } = asked as Record<string, string | undefined>;
  const from = minutesAgo(days * DAY_MINUTES);
  const [row] = await readStore(database, tenant, (reader) =>
    reader.rows<Row>('operations', [from, provider, domain, operation, limit, MAX_OPERATIONS]),
  );
  const { metrics, first_at, ...stats } = row as Row;
  const since = stats.total_operations === MAX_OPERATIONS ? (first_at ?? from) : from;
  return { success: true, data: { metrics, stats, filters: { domain, operation, provider, days, limit, since } } };
};

/** GET /v1/analytics */
export const getAnalytics: RouteHandler = async (parts, context) => {
  const query = parseQuery(analyticsQuery, context.req);
  return Response.json(await readAnalytics(parts, parts.tenantOf(context), query));
};

/** GET /api/woocommerce/analytics */
export const getShopAnalytics: RouteHandler = async (parts, context) => {
  const query = parseQuery(shopAnalyticsQuery, context.req);
  return Response.json(await readAnalytics(parts, parts.tenantOf(context), { ...query, provider: SHOPS }));
};

type Check = ShopHealthReport['data']['health_checks'][number];
type DomainRow = Pick<Check, 'domain' | 'response_time_ms'> & { calls: number; failures: number };

const statusOf = ({ calls, failures }: DomainRow): Check['status'] => {
  if (2 * failures >= calls) return 'unhealthy';
  return 10 * failures > calls ? 'degraded' : 'healthy';
};

const overallOf = (checks: readonly Check[], healthy: number): Check['status'] => {
  if (checks.length === 0) return 'unknown';
  if (healthy === checks.length) return 'healthy';
  return checks.every(({ status }) => status === 'unhealthy') ? 'unhealthy' : 'degraded';
};

/** GET /api/woocommerce/health */
export const getShopHealth: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(listQuery, context.req);
  const since = new Date(Date.now() - HOUR_MS).toISOString();
  const rows = await readStore(database, tenantOf(context), (reader) =>
    reader.rows<DomainRow>('domains', [SHOPS, since]),
  );
  const health_checks = rows.map((row): Check => {
    const status = statusOf(row);
    const message =
      row.failures === 0
        ? 'WooCommerce API responding'
        : `${row.failures} of ${row.calls} operations failed because of it`;
    const { domain, response_time_ms } = row;
    return { domain, status, message, response_time_ms, woocommerce_url: `https://${domain}` };
  });
  const healthy_domains = health_checks.filter(({ status }) => status === 'healthy').length;
  const report: ShopHealthReport = {
    success: true,
    data: {
      overall_status: overallOf(health_checks, healthy_domains),
      healthy_domains,
      total_domains: health_checks.length,
      health_checks,
    },
  };
  return Response.json(report);
};
