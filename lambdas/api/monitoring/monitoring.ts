import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type {
  AlertList,
  ErrorsReport,
  MonitoringReport,
  RateLimit,
  RateLimitSummary,
  Rule,
  RuleSummary,
  Webhook,
  WebhookSummary,
} from '../../contract/monitoring-reports.ts';
import { monitoringQuery, noQuery, rowsQuery, webhookId } from '../../contract/queries.ts';
import { ERRORS_24H } from '../../contract/thresholds.ts';
import { EVERY_TENANT } from '../../contract/vocabulary.ts';
import { answerProblem } from '../request/errors.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler, RouteParts } from '../route-handler.ts';

/** How many rows of each list are read where the request does not say. */
const ROWS = rowsQuery.parse({}).limit;

/** The row of a statement that always has one. */
const readOne = async <Row extends object>(reader: Reader, name: string, values?: unknown[]): Promise<Row> =>
  (await reader.rows<Row>(name, values))[0] as Row;

const readWebhooks = async (reader: Reader, limit: number) => ({
  summary: await readOne<WebhookSummary>(reader, 'webhook-summary'),
  webhooks: await reader.rows<Webhook>('webhooks', [null, limit]),
});

const readRules = async (reader: Reader, limit: number) => ({
  summary: await readOne<RuleSummary>(reader, 'rule-summary'),
  rules: await reader.rows<Rule>('rules', [limit]),
});

const readRateLimits = async (reader: Reader, limit: number) => ({
  summary: await readOne<RateLimitSummary>(reader, 'rate-limit-summary'),
  rate_limits: await reader.rows<RateLimit>('rate-limits', [limit]),
});

const readAlerts = (reader: Reader, limit: number) => readOne<AlertList>(reader, 'alerts', [limit]);

/** Answers with a list of rows, as many as the request asks for, and with the age of its figures. */
const answerRows =
  (read: (reader: Reader, limit: number) => Promise<object>): RouteHandler =>
  async ({ database, tenantOf }: RouteParts, context: RequestContext) => {
    const { limit } = parseQuery(rowsQuery, context.req);
    const report = await readStore(database, tenantOf(context), async (reader) => ({
      ...(await readFreshness(reader)),
      ...(await read(reader, limit)),
    }));
    return Response.json(report);
  };

/** GET /v1/webhooks */
export const getWebhooks = answerRows(readWebhooks);

/** GET /v1/rules */
export const getRules = answerRows(readRules);

/** GET /v1/rate-limits */
export const getRateLimits = answerRows(readRateLimits);

/** GET /v1/alerts */
export const getAlerts = answerRows(readAlerts);

/** GET /v1/webhooks/{id} */
export const getWebhook: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const id = parsePath(webhookId, 'id', context);
  const { webhooks, ...freshness } = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    webhooks: await reader.rows<Webhook>('webhooks', [id, 2]),
  }));
  const [webhook, another] = webhooks;
  if (!webhook) return answerProblem(404, `Nothing was delivered to a webhook called ${id}.`);
  if (another)
    return answerProblem(409, `Several tenants have a webhook called ${id}: read as one of them, or see /v1/webhooks.`);
  return Response.json({ ...freshness, webhook });
};

const severityOf = (errors: number): ErrorsReport['severity'] => {
  if (errors > ERRORS_24H.critical) return 'critical';
  return errors > ERRORS_24H.warning ? 'warning' : 'none';
};

type ErrorCounts = Pick<ErrorsReport, 'total_invocations' | 'error_count' | 'caller_error_count'>;

/** GET /v1/errors */
export const getErrors: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const { freshness, counts } = await readStore(database, tenantOf(context), async (reader) => ({
    freshness: await readFreshness(reader),
    counts: await readOne<ErrorCounts>(reader, 'errors'),
  }));
  const report: ErrorsReport = {
    ...freshness,
    ...counts,
    severity: severityOf(counts.error_count - counts.caller_error_count),
    warning_above: ERRORS_24H.warning,
    critical_above: ERRORS_24H.critical,
  };
  return Response.json(report);
};

/** GET /v1/monitoring/metrics */
export const getMonitoring: RouteHandler = async ({ database, tenantOf }, context) => {
  const { type } = parseQuery(monitoringQuery, context.req);
  const asks = (part: typeof type) => type === part || type === 'all';
  const tenant = tenantOf(context);
  const timestamp = new Date().toISOString();
  const parts = await readStore(database, tenant, async (reader) => ({
    ...(asks('webhook') && { webhooks: await readWebhooks(reader, ROWS) }),
    ...(asks('rule') && { rules: await readRules(reader, ROWS) }),
    ...(asks('rate_limit') && { rate_limits: await readRateLimits(reader, ROWS) }),
    ...(asks('alerts') && { alerts: await readAlerts(reader, ROWS) }),
  }));
  const report: MonitoringReport = { org_id: tenant ?? EVERY_TENANT, timestamp, ...parts };
  return Response.json(report);
};
