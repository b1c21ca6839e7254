import { type Kpi, type KpisReport, kpisQuery, MAX_MEASURES, MAX_REPORTERS } from '../../contract/api/kpis.ts';
import { DAY_MS, HOUR_MS } from '../../contract/durations.ts';
import { parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

type Row = Kpi & { measure_count: number };

/** The days that end with today, and as many before them. Both end with the hour at hand. */
const spansOf = (days: number, nowMs = Date.now()) => {
  const from = (Math.floor(nowMs / DAY_MS) - days + 1) * DAY_MS;
  const until = (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS;
  const write = (at: number) => new Date(at).toISOString();
  return {
    ...{ from: write(from), until: write(until) },
    ...{ before_from: write(from - days * DAY_MS), before_until: write(until - days * DAY_MS) },
  };
};

/** Each day from `from` on, with its figures. */
const fillDays = (known: Kpi['days'], from: string, count: number): Kpi['days'] => {
  const byDay = new Map(known.map((figures) => [figures.day, figures]));
  return Array.from({ length: count }, (_, at) => {
    const day = new Date(Date.parse(from) + at * DAY_MS).toISOString().slice(0, 10);
    return byDay.get(day) ?? { day, sum: 0, average: null, times: 0 };
  });
};

/** GET /v1/kpis */
export const getKpis: RouteHandler = async ({ database, tenantOf }, context) => {
  const { days, tool = null, measure = null } = parseQuery(kpisQuery, context.req);
  const spans = spansOf(days);
  const { from, until, before_from, before_until } = spans;
  const report = await readStore(database, tenantOf(context), async (reader): Promise<KpisReport> => {
    const rows = await reader.rows<Row>('kpis', [
      ...[from, until, before_from, before_until, tool, measure, MAX_MEASURES, MAX_REPORTERS],
    ]);
    return {
      ...(await readFreshness(reader)),
      ...spans,
      kpis: rows.map(({ measure_count: _count, ...kpi }) => ({ ...kpi, days: fillDays(kpi.days, from, days) })),
      measure_count: rows[0]?.measure_count ?? 0,
    };
  });
  return Response.json(report);
};
