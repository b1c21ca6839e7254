import fc from 'fast-check';
import type { Mute } from '../../lambdas/contract/mutes.ts';
import type { Notice } from '../../lambdas/contract/notice.ts';
import type { WeekReportNotice } from '../../lambdas/contract/notices/week-report-notice.ts';
import type { WeekReport } from '../../lambdas/contract/week-report.ts';
import type { Week } from '../../lambdas/monitoring/describe-week.ts';
import { buildReportNotice } from '../../lambdas/notify/events/week-report.ts';
import { buildReport } from '../../lambdas/report/build-report.ts';

/** The Monday on which it is sent, at eight. */
const NOW = Date.UTC(2026, 10, 30, 8);

const aTool = (tool: string, calls: number, failed: number) => ({
  tool,
  calls,
  failed,
  failed_pct: (100 * failed) / calls,
});

const aMute = (name: string, more: Partial<Mute> = {}): Mute => ({
  id: '1a2b3c4d',
  kind: 'tool',
  name,
  reason: 'planned work',
  actor: 'ann',
  status: 'active',
  starts_at: '2026-11-30T07:00:00.000Z',
  ends_at: '2026-11-30T12:00:00.000Z',
  alarms: [`tool/${name}/failing`],
  alarms_total: 1,
  swallowed: [],
  changed_at: '2026-11-30T07:00:00.000Z',
  swallowed_total: 0,
  firing: [],
  ...more,
});

/** A week as the api and operate report it: some tools fail, and some things are off. */
export const aWeek = (more: Partial<WeekReport> = {}, rest: Partial<Week> = {}): Week => ({
  week: {
    from: '2026-11-23T00:00:00.000Z',
    until: '2026-11-30T00:00:00.000Z',
    calls: 12_345,
    failed: 123,
    cost_usd: 41.5,
    tools: 9,
    worst: [
      aTool('place_order', 800, 98),
      aTool('sales_report', 1_200, 17),
      aTool('order_status', 4_100, 8),
      aTool('tool_health', 90, 0),
    ].filter(({ failed }) => failed > 0),
    best: [aTool('search_products', 4_000, 0), aTool('regex_search', 950, 0), aTool('csv_profile', 310, 0)],
    pages: 3,
    pages_without_need: 1,
    warnings: 5,
    longest: [
      {
        incident: 'tool/place_order@2026-11-24T22:14:00.000Z',
        cause: 'tool/place_order',
        severity: 'critical',
        began_at: '2026-11-24T22:14:00.000Z',
        duration_seconds: 5_520,
        messages: 3,
        title: 'place_order was failing 24 Nov 22:14–23:46 UTC (92 min)',
        needed_nothing: false,
      },
    ],
    mutes_made: 2,
    notifications_muted: 12,
    deployments: 4,
    ...more,
  },
  drill: {
    started_at: '2026-11-24T10:00:00.000Z',
    ways: [
      { way: 'topic critical', severity: 'critical', level: 'accepted' },
      { way: 'channel chat', severity: 'critical', level: 'posted' },
      { way: 'channel flow', severity: 'critical', level: 'accepted' },
    ],
  },
  mutes: [aMute('sales_report', { swallowed_total: 12 }), aMute('nobody_calls_it', { status: 'ended' })],
  selfCheck: {
    checked_at: '2026-11-30T07:40:00.000Z',
    findings: [
      {
        id: 'recipients/critical',
        what: 'Nobody has confirmed a subscription of the topic of critical alarms.',
        remedy: 'Confirm it.',
        since: '2026-11-29T07:40:00.000Z',
      },
    ],
  },
  ...rest,
});

/** A week in which nothing was called, of a store that is new. */
export const anEmptyWeek = (): Week =>
  aWeek(
    {
      calls: 0,
      failed: 0,
      cost_usd: null,
      tools: 0,
      worst: [],
      best: [],
      pages: 0,
      pages_without_need: 0,
      warnings: 0,
      longest: [],
      mutes_made: 0,
      notifications_muted: 0,
      deployments: 1,
    },
    { drill: { started_at: null, ways: [] }, mutes: [], selfCheck: { checked_at: null, findings: [] } },
  );

/** The report of a week on its way to the notifier. */
export const aReport = (week: Week = aWeek(), more: Partial<WeekReportNotice> = {}): WeekReportNotice => ({
  ...buildReport(week, { id: '0193487a-0f00-4000-8000-000000000005', now: NOW, timeZone: 'UTC', mailed: true }),
  ...more,
});

/** The same as channels and people get it. */
export const aReportNotice = (week: Week = aWeek()): Notice =>
  buildReportNotice({
    report: aReport(week),
    place: { deployment: 'prod', account: '123456789012', region: 'eu-central-1' },
    page: 'https://tools.example.com',
  });

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '',
    'https://evil.example',
    '<!channel>',
    '\u202egnp',
    '\ud800',
    'x'.repeat(5_000),
    '漢'.repeat(2_000),
  ),
);
const count = fc.oneof(fc.constantFrom(0, 1, 2, Number.MAX_SAFE_INTEGER), fc.nat());
const instant = fc.integer({ min: 0, max: Date.UTC(2100, 0) }).map((at) => new Date(at).toISOString());
const tool = fc.record({
  tool: text,
  calls: count,
  failed: count,
  failed_pct: fc.double({ min: 0, max: 100, noNaN: true }),
});
const incident = text.map((title) => ({ ...aWeek().week.longest[0], title }) as WeekReport['longest'][number]);
const someMute = fc
  .record({ name: text, swallowed_total: count, status: fc.constantFrom('scheduled', 'active', 'ended') })
  .map(({ name, ...more }) => aMute(name, more));
const finding = fc.record({ id: text, what: text, remedy: text, since: instant });
const way = fc.record({
  way: fc.oneof(fc.constantFrom('topic critical', 'channel chat'), text),
  severity: fc.constantFrom('critical', 'warning'),
  level: fc.constantFrom('accepted', 'posted', 'failed', 'missing'),
});

/** Any week that the api and operate may report, with names and titles that callers have made. */
export const anyWeek: fc.Arbitrary<Week> = fc.record({
  week: fc.record({
    from: instant,
    until: instant,
    calls: count,
    failed: count,
    cost_usd: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    tools: count,
    worst: fc.array(tool, { maxLength: 5 }),
    best: fc.array(tool, { maxLength: 5 }),
    pages: count,
    pages_without_need: count,
    warnings: count,
    longest: fc.array(incident, { maxLength: 5 }),
    mutes_made: count,
    notifications_muted: count,
    deployments: count,
  }),
  drill: fc.record({ started_at: fc.option(instant), ways: fc.array(way, { maxLength: 12 }) }),
  mutes: fc.array(someMute, { maxLength: 12 }),
  selfCheck: fc.record({ checked_at: fc.option(instant), findings: fc.array(finding, { maxLength: 12 }) }),
});
