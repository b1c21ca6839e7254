import { randomUUID } from 'node:crypto';
import { INCIDENT_SCHEMA } from '../../lambdas/contract/incident-line.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { anEnvelope } from './an-envelope.ts';
import { anInvocation } from './an-invocation.ts';
import type { TestDatabase } from './database.ts';

const MINUTE_MS = 60_000;

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * MINUTE_MS).toISOString();

/** Calls spread over a span of minutes that ends `until` minutes ago. */
const spread = (count: number, [from, until]: readonly [number, number], given: Partial<Invocation>): Invocation[] =>
  Array.from({ length: count }, (_, at) =>
    anInvocation({
      client_name: 'support-desk',
      user_id: `user-${at % 7}`,
      session_id: `session-${given.name}-${at % 5}`,
      correlation_id: `c-${given.name}-${from}-${at}`,
      started_at: minutesAgo(from - ((from - until) * at) / count),
      ...given,
      duration_ms: (given.duration_ms ?? 120) * (1 + (at % 9) / 6),
    }),
  );

const SHOP_DOWN = {
  name: 'order_status',
  success: false,
  error_code: 'UPSTREAM_ERROR',
  error_type: 'ShopError',
  error_message: 'the shop answered 503 for /orders/A-1042',
  error_fingerprint: 'aaaaaaaaaaaaaaaa',
  fault: 'dependency',
  provider: 'shop',
  domain: 'api.shop.example.com',
} as const satisfies Partial<Invocation>;

/** The incident about `order_status`, which is open. */
export const OPEN_INCIDENT = `tool/order_status@${minutesAgo(10)}`;
/** The correlation id of calls that made each other. */
export const THREAD = 'request-42';

/** Calls that made each other: an order that is placed, which asks for products and the order's status. */
const thread = (): Invocation[] => {
  const began = Date.now() - 4 * MINUTE_MS;
  const at = (ms: number) => new Date(began + ms).toISOString();
  const root = anInvocation({ name: 'place_order', correlation_id: THREAD, started_at: at(0), duration_ms: 900 });
  const nested = { correlation_id: THREAD, parent_id: root.event_id };
  return [
    root,
    anInvocation({ ...nested, name: 'search_products', started_at: at(40), duration_ms: 260 }),
    anInvocation({ ...nested, ...SHOP_DOWN, started_at: at(330), duration_ms: 520, attempts: 3 }),
  ];
};

/** A day of a shop: a tool that fails now, one that did and is mended, one that is quiet, and what is no tool. */
export const shopDayCalls = (): Invocation[] => [
  ...spread(160, [24 * 60, 12], { name: 'order_status', duration_ms: 80 }),
  ...spread(24, [11, 1], SHOP_DOWN),
  ...spread(6, [11, 1], { name: 'order_status', duration_ms: 90 }),
  ...spread(300, [20 * 60, 2], { name: 'place_order', duration_ms: 35 }),
  ...spread(40, [140, 100], {
    name: 'place_order',
    error_code: 'INTERNAL_ERROR',
    error_type: 'TypeError',
    error_message: 'cannot read price of undefined',
    error_fingerprint: 'bbbbbbbbbbbbbbbb',
    fault: 'ours',
  }),
  ...spread(80, [9 * 60, 40], { name: 'sales_report', duration_ms: 1_900 }),
  ...spread(60, [15 * 60, 3], { name: 'regex_search', duration_ms: 6 }),
  ...spread(30, [200, 3], {
    name: 'regex_search',
    error_code: 'INVALID_INPUT',
    error_message: 'the pattern is not closed',
    error_fingerprint: 'cccccccccccccccc',
    fault: 'caller',
  }),
  ...spread(4, [50, 5], {
    name: '_OTHER',
    error_code: 'INVALID_INPUT',
    error_message: 'there is no such tool',
    error_fingerprint: 'dddddddddddddddd',
    fault: 'caller',
  }),
  ...thread(),
  ...spread(20, [30, 2], {
    kind: 'webhook',
    name: 'orders-hook',
    duration_ms: 210,
    metadata: { url: 'https://erp.example.com/orders' },
  }),
  ...spread(11, [28, 1], {
    kind: 'webhook',
    name: 'stock-hook',
    error_code: 'TIMEOUT',
    fault: 'dependency',
    metadata: { url: 'https://stock.example.com/hook' },
  }),
  ...spread(12, [90, 4], {
    kind: 'rule',
    name: 'abandoned-carts',
    metadata: { rule_name: 'Abandoned carts', rule_type: 'segment' },
    measures: { affected_contacts: 40 },
  }),
  anInvocation({
    kind: 'http',
    name: 'GET /orders',
    measures: { rate_limit_count: 96, rate_limit_max: 100, rate_limit_reset_at: Date.now() / 1_000 + 600 },
    metadata: { rate_limit_key_type: 'org', rate_limit_key: 'acme' },
  }),
];

const incidentLine = (given: { id: string; cause: string; kind: string; began: number; at: number; title: string }) =>
  JSON.stringify({
    schema: INCIDENT_SCHEMA,
    message_id: randomUUID(),
    incident_id: given.id,
    cause: given.cause,
    kind: given.kind,
    severity: 'critical',
    alarm: `${given.cause}/failing`,
    members: [`${given.cause}/failing`],
    began_at: minutesAgo(given.began),
    notified_at: minutesAgo(given.at),
    title: given.title,
    calls: 30,
    bad_calls: 24,
    users: 7,
    peak_pct: 80,
  });

/** Stores what happened beside the calls: deployments, and what people were notified of. */
export const storeShopDayEvents = async (database: TestDatabase): Promise<void> => {
  await database.rows(
    `insert into analytics.deployments (version, environment, started_at, migrations)
     values ('41', 'production', $1, '{}'), ('42', 'production', $2, '{0020-error-groups}')`,
    [minutesAgo(26 * 60), minutesAgo(14)],
  );
  const open = {
    id: OPEN_INCIDENT,
    cause: 'tool/order_status',
    began: 10,
    title: 'order_status fails: 24 of 30 calls (80 %)',
  };
  const past = { id: 'tool/place_order@past', cause: 'tool/place_order', began: 138 };
  const lines = [
    incidentLine({ ...open, kind: 'opened', at: 9 }),
    incidentLine({ ...past, kind: 'opened', at: 136, title: 'place_order fails: 30 of 41 calls (73 %)' }),
    incidentLine({ ...past, kind: 'over', at: 98, title: 'place_order was failing for 40 min' }),
  ];
  await ingest(database.as('writer'), anEnvelope(lines));
};
