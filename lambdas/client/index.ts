/** The package entry `toolwatch/client`: reads what the api answers about webhooks, rules, rate limits and alerts. */
import type { AlertList, ErrorsReport, MonitoringReport, RateLimit, Webhook } from '../contract/monitoring-reports.ts';

export type { AlertList, ErrorsReport, MonitoringReport, RateLimit, Webhook };

export interface ClientOptions {
  /** The address of the api: the output `ApiUrl`. */
  url: string;
  /** Sent as `Authorization: Bearer …`, behind an HTTP API with JWTs. A function is called for each request. */
  token?: string | (() => string | Promise<string>);
  /** Sends the requests. Behind Function URLs it must sign them for the service `lambda` (SigV4). Default: `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
  /** How long an answer may take, in milliseconds. Default: 10 seconds. */
  timeoutMs?: number;
}

/** The api refused a request, or failed; the message is its own. */
export class MonitoringError extends Error {
  override name = 'MonitoringError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/**
 * Reads the monitoring of one tenant, or of all where `orgId` is left out and the sender is the operator. Every function
 * throws a `MonitoringError` for an answer other than 200, and what `fetch` throws when there is none.
 */
export interface MonitoringClient {
  /** One webhook's deliveries; undefined when nothing was delivered to it. */
  getWebhookMetrics(webhookId: string, orgId?: string): Promise<Webhook | undefined>;
  /** How much of each rate limit is used, the most used first, at most 100. */
  getRateLimitMetrics(orgId?: string): Promise<RateLimit[]>;
  /** What needs attention now, the critical first, at most 100. */
  checkAlerts(orgId?: string): Promise<AlertList>;
  /** The failures of 24 hours, against the limits of 100 and 500. */
  getErrorTotals(orgId?: string): Promise<ErrorsReport>;
  /** Webhooks, rules, rate limits and alerts in one answer. */
  getMetrics(orgId?: string): Promise<MonitoringReport>;
}

const TIMEOUT_MS = 10_000;

const messageOf = async (response: Response): Promise<string> => {
  const body = (await response.json().catch(() => undefined)) as { detail?: unknown } | undefined;
  const message = body?.detail;
  return typeof message === 'string' ? message : `The api answered ${response.status}.`;
};

export const createMonitoringClient = (options: ClientOptions): MonitoringClient => {
  const { url, token, fetch: send = globalThis.fetch, timeoutMs = TIMEOUT_MS } = options;
  const base = url.replace(/\/+$/, '');

  const get = async <Answer>(path: string, orgId: string | undefined): Promise<Answer> => {
    const bearer = typeof token === 'function' ? await token() : token;
    const response = await send(`${base}${path}`, {
      headers: {
        accept: 'application/json',
        ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
        ...(orgId !== undefined && { 'x-tenant-id': orgId }),
      },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (response.status !== 200) throw new MonitoringError(response.status, await messageOf(response));
    return (await response.json()) as Answer;
  };

  return {
    getWebhookMetrics: async (webhookId, orgId) => {
      try {
        return (await get<{ webhook: Webhook }>(`/v1/webhooks/${encodeURIComponent(webhookId)}`, orgId)).webhook;
      } catch (error) {
        if (error instanceof MonitoringError && error.status === 404) return undefined;
        throw error;
      }
    },
    getRateLimitMetrics: async (orgId) =>
      (await get<{ rate_limits: RateLimit[] }>('/v1/rate-limits', orgId)).rate_limits,
    checkAlerts: (orgId) => get('/v1/alerts', orgId),
    getErrorTotals: (orgId) => get('/v1/errors', orgId),
    getMetrics: (orgId) => get('/v1/monitoring/metrics?type=all', orgId),
  };
};
