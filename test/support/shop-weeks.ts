import { DAY_MS } from '../../lambdas/contract/durations.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { anInvocation } from './an-invocation.ts';
import type { TestDatabase } from './database.ts';

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const DAYS = 14;
const WEEK = 7;

/** A moment early on the day so many days ago, so that today has it too. */
const dayAgo = (days: number, hundredths: number): string =>
  new Date(TODAY - days * DAY_MS + hundredths * 10).toISOString();

/** A search and some attempts to order on one day: six in the last week, four in the one before. */
const callsOfDay = (days: number): Invocation[] => {
  const isLastWeek = days < WEEK;
  const given = { session_id: `session-${days}`, user_id: 'ann', tenant_id: 'acme' };
  const orders = Array.from({ length: isLastWeek ? 6 : 4 }, (_, at) => {
    const measures = { conversion: 1, orders: 1, revenue_cents: 3_000 };
    const users = isLastWeek ? ['ann', 'bob', 'eve'] : ['ann', 'bob'];
    return anInvocation({
      ...given,
      name: 'place_order',
      started_at: dayAgo(days, at),
      user_id: users[at % users.length],
      session_id: `session-${days}-${at % 2}`,
      measures,
    });
  });
  return [
    ...orders,
    anInvocation({
      ...given,
      name: 'place_order',
      started_at: dayAgo(days, 20),
      success: false,
      error_code: 'INVALID_INPUT',
      error_message: 'Only 0 of LAM-115 left.',
      fault: 'caller',
      measures: { conversion: 0 },
    }),
    anInvocation({
      ...given,
      name: 'search_products',
      tenant_id: 'globex',
      started_at: dayAgo(days, 30),
      measures: { products_found: 10, low_stock_products: 2 },
    }),
  ];
};

/** Two weeks of a shop: what its tools report, who calls them, and two calls of a tool that does not exist. */
export const shopWeeksCalls = (): Invocation[] => [
  ...Array.from({ length: DAYS }, (_, days) => callsOfDay(days)).flat(),
  ...[40, 41].map((hundredths) =>
    anInvocation({
      name: '_OTHER',
      tenant_id: 'acme',
      started_at: dayAgo(1, hundredths),
      success: false,
      error_code: 'INVALID_INPUT',
      error_type: 'unknown_tool',
      fault: 'caller',
    }),
  ),
];

/** Deploys the tools of the shop, of which nobody calls one. */
export const storeDeployedTools = async (database: TestDatabase): Promise<void> => {
  await database.rows(
    `insert into analytics.tool_thresholds (name, p95_ms, error_rate, min_calls, min_errors)
     select name, 1000, 0.1, 20, 3 from unnest(array['place_order', 'search_products', 'gift_card']) as name`,
  );
};
