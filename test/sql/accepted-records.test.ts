import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { alertRule } from '../../lambdas/contract/alert-rules/rule.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { TEXT_LIMIT_BYTES as TEXT_LIMIT } from '../../lambdas/contract/limits.ts';
import { ERROR_CODES, FAULTS, KINDS } from '../../lambdas/contract/vocabulary.ts';
import { asOperator, asTenant } from '../../lambdas/database/as-tenant.ts';
import { readStatement } from '../../lambdas/database/statements.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { fitKey } from '../../lambdas/observe/line/fit-text.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { anInvocation, eventIdAt } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { root } from '../support/source-files.ts';
import { clearStore, readableViews } from '../support/store-contents.ts';

const HOUR_MS = 3_600_000;
const db = await testDatabase();
const [writer, refresher, reader] = [db.as('writer'), db.as('refresher'), db.as('reader')];
const operator = db.as('operator');
const views = await readableViews(db);

const RULE = JSON.stringify(alertRule.parse({ figure: 'errors', comparison: 'above', threshold: 0, each: ['name'] }));

/** What each of the api's statements is asked here. */
const STATEMENTS: Record<string, unknown[]> = {
  'api-adoption-people': [new Date(Date.now() - 80 * 24 * HOUR_MS), 12, 10_000],
  'api-adoption-tools': [new Date(Date.now() - 80 * 24 * HOUR_MS), 12, '_OTHER', 1_000],
  'api-adoption-weeks': [new Date(Date.now() - 80 * 24 * HOUR_MS), 12, '_OTHER', 10_000],
  'api-alert-rule-findings': ['webhook_failure'],
  'api-alert-rules': [null],
  'api-alerts': [100],
  'api-call': [eventIdAt(new Date()), new Date(0), new Date()],
  'api-call-replays': [eventIdAt(new Date()), new Date(0)],
  'api-call-thread': ['c-1', new Date(), eventIdAt(new Date())],
  'api-calls': [new Date(0), new Date(), 100, ...Array.from({ length: 18 }, () => null)],
  'api-counts': [new Date(Date.now() - 20 * HOUR_MS), 96],
  'api-deployments': [100],
  'api-domains': ['woocommerce', new Date(0)],
  'api-duration-bounds': [],
  'api-error-group-calls': ['tool', 'search', '', 'INTERNAL_ERROR', 'ours', 20],
  'api-error-group-trend': ['tool', 'search', '', 'INTERNAL_ERROR', 'ours'],
  'api-error-group-key': ['0123456789abcdef'],
  'api-error-groups': [null, null, null, null, null, null, null, 100, null, null],
  'api-errors': [],
  'api-errors-since-deployment': [null],
  'api-failures': [10_080, null, null, 100],
  'api-freshness': [],
  'api-gauges': [],
  'api-health-freshness': [],
  'api-health-probes': [new Date(0), new Date()],
  'api-health-recent': [new Date(0), new Date()],
  'api-health-since': [['search']],
  'api-incident-calls': ['tool', ['search'], new Date(), new Date(), 1_440, null, null, true, true],
  'api-incident-changes': [new Date(0), new Date(), 50],
  'api-incident-deliveries': [[eventIdAt(new Date())], new Date(0), new Date()],
  'api-incident-deployments': [new Date(0), new Date()],
  'api-incident-history': ['tool/search', '-', new Date()],
  'api-incident-messages': ['i-1', 100],
  'api-incident-acknowledged': ['tool/search@2026-11-20T10:00:00.000Z'],
  'api-incident-new-errors': ['tool', ['search'], new Date()],
  'api-incidents': [100, null, null, null, null, null, null, null, new Date(0), new Date(), new Date(0)],
  'api-incidents-open': [new Date(0)],
  'api-costs': [new Date(0), new Date()],
  'api-deployed-tools': [],
  'api-job-batch': [eventIdAt(new Date())],
  'api-job-calls': ['c-1', new Date(0), 200],
  'api-job-depths': [],
  'api-job-pauses': [100, null, null],
  'api-job-payload': [eventIdAt(new Date())],
  'api-job-queues': [100],
  'api-job-sources': [100],
  'api-jobs': [new Date(0), new Date(), 100, ...Array.from({ length: 8 }, () => null)],
  'api-kpis': [new Date(Date.now() - 48 * HOUR_MS), new Date(), new Date(0), new Date(0), null, null, 50, 5],
  'api-operations': [new Date(0), null, null, null, 100, 50_000],
  'api-providers': [new Date(Date.now() - 20 * HOUR_MS), new Date(), new Date(0), 20_000, 100, null, 20],
  'api-rate-limit-summary': [],
  'api-rate-limits': [100],
  'api-rule-facts': ['webhook_failure'],
  'api-rule-summary': [],
  'api-rules': [100],
  'api-session': ['s-1', new Date(0), new Date(), 500, null],
  'api-sessions': [new Date(0), new Date(), 100, null, null, null, null, 20_000, null, null],
  'api-last-change': ['jobs', ['jobs.requested']],
  'api-store': [],
  'api-sync-errors': [new Date(0), new Date(), 20],
  'api-syncs': [100],
  'api-tool-figures': ['search'],
  'api-tool-mix': ['search', 10_000],
  'api-tool-starts': ['search'],
  'api-tool-thresholds': ['search'],
  'api-tools': [null],
  'api-totals': [],
  'api-trend': ['search', 168],
  'api-trends': [],
  'api-upstream-errors': [100],
  'api-webhook-summary': [],
  'api-webhooks': [null, 100],
  'api-week-changes': [new Date()],
  'api-week-incidents': [new Date(), 100],
  'api-week-tools': [new Date(), 100],
};

/** These only the operator may ask. */
const OF_OPERATOR: Record<string, unknown[]> = {
  'api-backtest-span': [RULE, 30],
  'api-backtest-rule': [RULE, 60, new Date(Date.now() - 48 * HOUR_MS), new Date()],
  'api-backtest-tool': ['search', 100, new Date(Date.now() - 48 * HOUR_MS)],
};
/** These change what people decided, and read nothing of a call. */
const OF_CHANGES = [
  'api-count-job-batch',
  'api-count-replays',
  'api-end-job-pause',
  'api-error-group-state',
  'api-hasten-jobs',
  'api-jobs-by-key',
  'api-lock-job',
  'api-lock-job-batch',
  'api-put-alert-rule',
  'api-put-error-group-state',
  'api-put-job-batch',
  'api-put-job-pause',
  'api-quarantine-job',
  'api-release-job',
  'api-remove-alert-rule',
  'api-replay-job',
  'api-replay-jobs',
  'api-replay-of-job',
  'api-replayable-jobs',
  'api-space-job-batch',
  'api-store-jobs',
  'api-switch-alert-rule',
  'api-switch-job-batch',
];

beforeEach(() => clearStore(db));

/** Every view and every statement of the api answers, with something that JSON can express. */
const expectAnswers = async (tenant: string): Promise<void> => {
  await operator.run(async (client) => {
    for (const view of views) {
      const { rows } = await client.query(`select * from ${view}`);
      expect(JSON.stringify(rows), view).toBeTypeOf('string');
    }
  });
  for (const [name, values] of Object.entries(OF_OPERATOR)) {
    const { rows } = await asOperator(reader, (client) => client.query(readStatement(name), values));
    expect(JSON.stringify(rows), name).toBeTypeOf('string');
  }
  for (const [name, values] of Object.entries(STATEMENTS)) {
    const all = await asOperator(reader, (client) => client.query(readStatement(name), values));
    const own = await asTenant(reader, tenant, (client) => client.query(readStatement(name), values));
    expect(JSON.stringify([all.rows, own.rows]), name).toBeTypeOf('string');
  }
};

/** Everything stored is counted, and roll-ups and calls agree. */
const expectAllCounted = async (stored: number): Promise<void> => {
  expect(await db.rows('select sum(calls) as calls from rollup.tool_hour')).toEqual([{ calls: stored }]);
  expect(await db.rows('select sum(calls) as calls from rollup.tenant_hour')).toEqual([{ calls: stored }]);
  expect(await db.rows('select reason from rollup.uncounted_calls')).toEqual([]);
  const range = [new Date(Date.now() - 48 * HOUR_MS), new Date(Date.now() + 3 * HOUR_MS)].map(
    (at) => new Date(Math.floor(at.getTime() / HOUR_MS) * HOUR_MS),
  );
  expect(await db.rows('select * from rollup.differences($1, $2)', range)).toEqual([]);
  expect(await db.rows('select * from rollup.total_differences()')).toEqual([]);
};

const refreshed = async () => {
  const { failures, waiting_seconds, put_aside } = await refresh(refresher);
  return { failures, waiting_seconds, put_aside };
};
const ALL_WELL = { failures: [], waiting_seconds: 0, put_aside: 0 };

test('each statement of the api is among those that are asked', () => {
  const files = readdirSync(join(root, 'sql/queries')).filter((file) => file.startsWith('api-'));
  expect(files.map((file) => file.replace('.sql', '')).sort()).toEqual(
    [...Object.keys({ ...STATEMENTS, ...OF_OPERATOR }), ...OF_CHANGES].sort(),
  );
});

/** Text that no compression makes shorter, so that an index must take all of it. */
const randomText = (length: number, from: number, to: number): string =>
  String.fromCodePoint(...Array.from({ length }, () => from + Math.floor(Math.random() * (to - from))));
const randomCjk = (length: number) => randomText(length, 0x4e00, 0x9fff);

test.each<[string, object]>([
  [
    'a limit that is reset at a time in microseconds',
    { measures: { rate_limit_count: 5, rate_limit_max: 100, rate_limit_reset_at: 1795953658415000000 } },
  ],
  [
    'a limit that is reset at a time in milliseconds',
    { measures: { rate_limit_count: 5, rate_limit_max: 100, rate_limit_reset_at: 1795953658415 } },
  ],
  ['a limit of 1e300', { measures: { rate_limit_count: 1e300, rate_limit_max: 1e-300, rate_limit_reset_at: 1e300 } }],
  ['a limit reset before 1970', { measures: { rate_limit_count: 1, rate_limit_max: 1, rate_limit_reset_at: -1e300 } }],
  [
    'a key of a limit of 3 KB',
    {
      measures: { rate_limit_count: 5, rate_limit_max: 100 },
      metadata: { rate_limit_key: randomText(3_000, 0x21, 0x7e), rate_limit_key_type: randomCjk(1_000) },
    },
  ],
  ['a measure of 1e300', { measures: { revenue: 1e300 } }],
  ['names of 512 Chinese characters', { name: randomCjk(TEXT_LIMIT), tenant_id: randomCjk(TEXT_LIMIT) }],
  [
    'a fingerprint of 512 Chinese characters',
    { name: randomCjk(TEXT_LIMIT), tenant_id: randomCjk(TEXT_LIMIT), error_fingerprint: randomCjk(TEXT_LIMIT) },
  ],
  [
    'measures named by 512 Chinese characters',
    { name: randomCjk(TEXT_LIMIT), tenant_id: randomCjk(TEXT_LIMIT), measures: { [randomCjk(TEXT_LIMIT)]: 1 } },
  ],
])('%s is counted, and every view answers, also when an earlier version stored it as it came', async (_, given) => {
  const failed = 'error_fingerprint' in given ? { fault: 'ours' as const } : {};
  const records = (): Invocation[] => [
    anInvocation(),
    { ...anInvocation(failed), ...given },
    { ...anInvocation(failed), ...given, kind: 'rule' },
  ];
  expect(await ingest(writer, anEnvelope(records()))).toMatchObject({ stored: 3 });
  // Without the limits that ingest has now.
  expect(await store(writer, records())).toMatchObject({ stored: 3 });
  expect(await refreshed()).toEqual(ALL_WELL);
  await expectAllCounted(6);
  await expectAnswers('default');
  expect(await db.rows('select reset_at from rollup.rate_limits where reset_at is not null')).toEqual([]);
});

const textOf = (maxLength: number, min: number, max: number): fc.Arbitrary<string> =>
  fc.string({
    minLength: 1,
    maxLength,
    size: 'max',
    unit: fc.integer({ min, max }).map((at) => String.fromCodePoint(at)),
  });
const aText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }) },
  fc.string({ minLength: 1, maxLength: 20, unit: 'binary' }),
  textOf(TEXT_LIMIT, 0x4e00, 0x9fff),
  textOf(TEXT_LIMIT / 2, 0x1f300, 0x1faff),
  fc.constantFrom('_OTHER', 'search', '\0', '\ud800', '"\\', "'", '\u202e', 'a:b:c', '%s'),
);
const aNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE, 1e300, 1795953658415, 4_102_444_799),
);
const measureNames = [
  ...['rate_limit_count', 'rate_limit_max', 'rate_limit_reset_at'],
  ...['affected_contacts', 'segment_member_count', 'queue_depth', 'oldest_age_seconds'],
];
const someMeasures = fc.dictionary(fc.oneof(fc.constantFrom(...measureNames), aText), aNumber, { maxKeys: 8 });
const someMetadata = fc.dictionary(
  fc.oneof(
    fc.constantFrom(
      ...['rate_limit_key', 'rate_limit_key_type', 'customer_config_id', 'enabled', 'url', 'rule_type'],
      ...['http', 'dependencies', 'gauges'],
    ),
    aText,
  ),
  fc.oneof(fc.jsonValue({ maxDepth: 3 }), textOf(4_000, 0x21, 0x7e)),
  { maxKeys: 6 },
);
const aMoment = fc.date({
  min: new Date('0000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const bytes = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

/** A line of whatever the record's schema allows. Its own id and time are put in when it is written. */
const aLine = fc.record({
  agoMs: fc.integer({ min: -HOUR_MS, max: 30 * HOUR_MS }),
  kind: fc.constantFrom(...KINDS),
  name: aText,
  service: aText,
  version: aText,
  finished_at: aMoment.map((moment) => moment.toISOString()),
  duration_ms: fc.double({ min: 0, max: 604_800_000, noNaN: true }),
  cold_start: fc.boolean(),
  success: fc.boolean(),
  error_code: optional(fc.constantFrom(...ERROR_CODES)),
  error_type: optional(aText),
  error_message: optional(aText),
  error_fingerprint: optional(aText),
  fault: optional(fc.constantFrom(...FAULTS)),
  attempts: fc.integer({ min: 1, max: 1_000 }),
  tenant_id: fc.oneof(aText, fc.constant('default')),
  user_id: optional(aText),
  session_id: optional(aText),
  provider: optional(fc.oneof(aText, fc.constant('woocommerce'))),
  domain: optional(aText),
  request_bytes: optional(bytes),
  response_bytes: optional(bytes),
  cost_usd: optional(fc.double({ min: 0, max: 1e9, noNaN: true })),
  metadata: optional(someMetadata),
  measures: optional(someMeasures),
});

test('a text that is too long for a key is shortened as ingest shortens it', async () => {
  const long = fc.oneof(
    textOf(400, 0x4e00, 0x9fff),
    textOf(200, 0x1f300, 0x1faff),
    textOf(1_000, 0x01, 0x7ff),
    textOf(600, 0x21, 0x7e),
  );
  await fc.assert(
    fc.asyncProperty(
      long.filter((text) => Buffer.byteLength(text) > TEXT_LIMIT),
      async (text) => {
        expect(await db.rows('select rollup.key_of($1) as key', [text])).toEqual([{ key: fitKey(text) }]);
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever ingest stores is counted, and every view and every statement of the api answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aLine, { minLength: 1, maxLength: 12 }), async (lines) => {
      await clearStore(db);
      const records = lines.map(({ agoMs, ...line }) => {
        const started = new Date(Date.now() - agoMs);
        const base = anInvocation({ started_at: started.toISOString(), event_id: eventIdAt(started) });
        return JSON.stringify({ ...base, ...line });
      });
      const { stored } = await ingest(writer, anEnvelope(records));
      expect(await refreshed()).toEqual(ALL_WELL);
      if (stored > 0) await expectAllCounted(stored);
      await expectAnswers('default');
    }),
    { numRuns: 25 },
  );
}, 180_000);
