import {
  type CostFacts,
  type CostsReport,
  costsQuery,
  type DayCosts,
  MAX_COST_TOOLS,
  type ToolCosts,
} from '../../contract/api/costs.ts';
import { DAY_MS, HOUR_MS } from '../../contract/durations.ts';
import { parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** The calls of one tool on one day. */
interface Row {
  tool_name: string;
  day: string;
  calls: number;
  reported_usd: number;
  seconds: number;
}

type Figures = CostsReport['total'];

const MIB_A_GIB = 1_024;
const NOTHING: Figures = { calls: 0, reported_usd: 0, lambda_usd: null };

/**
 * Lambda bills milliseconds, of which a call's are nearly all; what starts of environments and the wrapper take is not in
 * them.
 */
const figuresOf = ({ tool_name, calls, reported_usd, seconds }: Row, { memoryMb, prices }: CostFacts): Figures => {
  const memory = memoryMb[tool_name];
  const { gb_second_usd, million_requests_usd } = prices;
  return {
    calls,
    reported_usd,
    lambda_usd:
      memory === undefined
        ? null
        : seconds * (memory / MIB_A_GIB) * gb_second_usd + (calls * million_requests_usd) / 1_000_000,
  };
};

/** A part that is not known is left out of a sum of which another is. */
const add = (one: Figures, other: Figures): Figures => ({
  calls: one.calls + other.calls,
  reported_usd: one.reported_usd + other.reported_usd,
  lambda_usd:
    one.lambda_usd === null && other.lambda_usd === null ? null : (one.lambda_usd ?? 0) + (other.lambda_usd ?? 0),
});

const sumBy = (rows: readonly Row[], key: 'tool_name' | 'day', facts: CostFacts): Map<string, Figures> => {
  const sums = new Map<string, Figures>();
  for (const row of rows) sums.set(row[key], add(sums.get(row[key]) ?? NOTHING, figuresOf(row, facts)));
  return sums;
};

const bothOf = ({ reported_usd, lambda_usd }: Figures): number => reported_usd + (lambda_usd ?? 0);

const toolCostsOf = (rows: readonly Row[], facts: CostFacts): ToolCosts[] =>
  [...sumBy(rows, 'tool_name', facts)]
    .map(([tool_name, figures]) => ({
      tool_name,
      ...figures,
      per_thousand_usd: figures.calls === 0 ? null : (1_000 * bothOf(figures)) / figures.calls,
      memory_mb: facts.memoryMb[tool_name] ?? null,
    }))
    .sort((one, other) => bothOf(other) - bothOf(one) || (one.tool_name < other.tool_name ? -1 : 1));

const dayCostsOf = (rows: readonly Row[], facts: CostFacts, from: number, count: number): DayCosts[] => {
  const byDay = sumBy(rows, 'day', facts);
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(from + at * DAY_MS).toISOString().slice(0, 10);
    return { day, ...(byDay.get(day) ?? NOTHING) };
  });
};

/** GET /v1/costs */
export const getCosts: RouteHandler = async ({ database, tenantOf, readCostFacts }, context) => {
  const { days } = parseQuery(costsQuery, context.req);
  const now = Date.now();
  const from = (Math.floor(now / DAY_MS) - days + 1) * DAY_MS;
  const until = (Math.floor(now / HOUR_MS) + 1) * HOUR_MS;
  const facts = readCostFacts();
  const span = { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
  const report = await readStore(database, tenantOf(context), async (reader): Promise<CostsReport> => {
    const rows = await reader.rows<Row>('costs', [span.from, span.until]);
    const tools = toolCostsOf(rows, facts);
    return {
      ...(await readFreshness(reader)),
      ...span,
      tools: tools.slice(0, MAX_COST_TOOLS),
      tool_count: tools.length,
      days: dayCostsOf(rows, facts, from, days),
      total: tools.reduce<Figures>(add, NOTHING),
      prices: facts.prices,
    };
  });
  return Response.json(report);
};
