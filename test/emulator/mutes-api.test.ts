import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDrivenClock, type DrivenClock } from '../../emulator/clock.ts';
import { ADMIN_CREDENTIALS } from '../../emulator/iam/iam.ts';
import { type AlarmsReport, alarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { type AuditLine, auditLine } from '../../lambdas/contract/audit-line.ts';
import { completenessReport } from '../../lambdas/contract/completeness-report.ts';
import { type Mute, mutesReport } from '../../lambdas/contract/mutes.ts';
import { createAcknowledgementHandlers } from '../../lambdas/operate/acknowledgements.ts';
import { createAlarmHandlers } from '../../lambdas/operate/alarms.ts';
import { createCompletenessHandlers } from '../../lambdas/operate/completeness.ts';
import { createDrillHandlers } from '../../lambdas/operate/drill.ts';
import { createMuteHandlers } from '../../lambdas/operate/mutes.ts';
import { Operator } from '../../lambdas/operate/operator.ts';
import { createSelfCheckHandlers } from '../../lambdas/operate/self-check.ts';
import { aRequest } from '../support/a-request.ts';
import { PLACE, startSmallCloud } from '../support/small-cloud.ts';

/** The operator's requests about alarms, mutes and completeness, with CloudWatch's API as the emulator answers it. */

const MINUTE = 60_000;
const START = Date.UTC(2026, 10, 20, 22);
const TOPIC = { Ref: 'Topic' };

const anAlarm = (AlarmName: string, severity: 'critical' | 'warning', MetricName = AlarmName) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName,
    AlarmDescription: `It fails.\nSeverity: ${severity}. Owner: shop.\nRunbook: docs/runbook.md`,
    Namespace: 'Test',
    MetricName,
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    Tags: [{ Key: 'severity', Value: severity }],
  },
});

/** An alarm over all tools, with the tools as its contributors. */
const aGroupedAlarm = (AlarmName: string) => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: {
    AlarmName,
    AlarmDescription: 'A tool fails more often than it may.\nSeverity: warning. Owner: shop.\nRunbook: docs/runbook.md',
    Metrics: [
      {
        Id: 'q',
        Expression:
          'SELECT MAX(trickle) FROM SCHEMA("Test", service, tool) WHERE service = \'t\' GROUP BY tool ORDER BY MAX() DESC',
        Period: 60,
        ReturnData: true,
      },
    ],
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [TOPIC],
    OKActions: [TOPIC],
    Tags: [{ Key: 'severity', Value: 'warning' }],
  },
});
const ADVICE = { 'tool/*/failing': { sentence: 'Go back to the version before.', byFault: { ours: 'Go back.' } } };

let clock: DrivenClock;
let cloud: Awaited<ReturnType<typeof startSmallCloud>>;
let cloudwatch: CloudWatchClient;
let audit: AuditLine[];
beforeAll(async () => {
  clock = createDrivenClock(START);
  cloud = await startSmallCloud({
    clock,
    resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: {} },
      Failing: anAlarm('tool/order_status/failing', 'critical'),
      Slow: anAlarm('tool/order_status/slow', 'warning'),
      Other: anAlarm('tool/place_order/slow', 'warning'),
      Grouped: aGroupedAlarm('tools/trickle'),
      Foreign: anAlarm('staging/tool/order_status/failing', 'critical'),
    },
  });
  const { accessKeyId, secretAccessKey } = ADMIN_CREDENTIALS;
  cloudwatch = new CloudWatchClient({
    endpoint: cloud.endpoint,
    region: PLACE.region,
    credentials: { accessKeyId, secretAccessKey },
  });
});
afterAll(() => cloud?.stop());
beforeEach(() => {
  audit = [];
});

const send = async (method: 'GET' | 'POST' | 'DELETE', asked: string, body?: object) => {
  const [path = '', query = ''] = asked.split('?');
  const alarms = { cloudwatch, deployment: 'toolwatch', alarmPrefix: '' };
  const mutes = createMuteHandlers({ ...alarms, now: () => clock.now() });
  const operator = new Operator({
    handlers: {
      ...createCompletenessHandlers({ ...alarms, now: () => clock.now() }),
      ...createDrillHandlers({ items: {} as never, now: Date.now }),
      ...createSelfCheckHandlers({} as never),
      ...createAlarmHandlers({ ...alarms, advice: ADVICE }),
      ...mutes,
      ...createAcknowledgementHandlers(),
      'POST /v1/notify': undefined as never,
    },
    frontDoor: { TOOLWATCH_TENANTS: 'off' },
    writeAudit: (line) => audit.push(auditLine.parse(line)),
    onError: (error) => {
      throw error;
    },
  });
  const { statusCode, body: answer } = await operator.answer({
    ...aRequest({ path, query, method }),
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: statusCode, answer: JSON.parse(answer ?? '') };
};
const list = async (): Promise<Mute[]> => mutesReport.parse((await send('GET', '/v1/mutes')).answer).mutes;

/** Lets an alarm fire, or end, in the minute from now on. */
const set = async (metric: string, value: number) => {
  cloud.metrics.put({ namespace: 'Test', name: metric, dimensions: {} }, value);
  await clock.advance(MINUTE);
  cloud.alarms.evaluateAll(Math.floor(clock.now() / MINUTE) * MINUTE);
};
const stateOf = async (name: string) =>
  (await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }))).MetricAlarms?.[0]?.StateValue;

describe('a mute', () => {
  test('silences the alarms of a tool until it ends, says what it swallowed, and leaves an audit', async () => {
    const asked = { kind: 'tool', name: 'order_status', minutes: 60, reason: 'The shop moves | at night' };
    const { status, answer } = await send('POST', '/v1/mutes', asked);
    expect([status, answer]).toMatchObject([
      200,
      {
        kind: 'tool',
        name: 'order_status',
        actor: 'unknown',
        alarms: ['tool/order_status/failing', 'tool/order_status/slow'],
        status: 'scheduled',
      },
    ]);
    expect(Date.parse(answer.ends_at) - Date.parse(answer.starts_at)).toBe(60 * MINUTE);
    expect(audit).toMatchObject([{ action: 'mute.created', target: answer.id, reason: asked.reason, success: true }]);

    await clock.advance(2 * MINUTE);
    await set('tool/order_status/failing', 1);
    expect(await stateOf('tool/order_status/failing')).toBe('ALARM');
    const [muted] = await list();
    expect(muted).toMatchObject({ status: 'active', firing: ['tool/order_status/failing'], swallowed_total: 1 });
    expect(muted?.swallowed).toMatchObject([{ alarm: 'tool/order_status/failing', severity: 'critical' }]);

    const ended = await send('DELETE', `/v1/mutes/${answer.id}`);
    expect(ended).toMatchObject({ status: 200, answer: { status: 'ended', swallowed_total: 1 } });
    expect(audit.at(-1)).toMatchObject({ action: 'mute.ended', target: answer.id, change: { swallowed_total: 1 } });
    expect(await list()).toEqual([]);
  });

  test.each<[what: string, body: object, status: number, words: RegExp]>([
    [
      'of nothing',
      { kind: 'tool', name: 'nobody', minutes: 5, reason: 'x' },
      404,
      /No alarm is called tool\/nobody\/\*/,
    ],
    ['of critical alarms without an end', { kind: 'tool', name: 'order_status', reason: 'x' }, 400, /needs an end/],
    ['without a reason', { kind: 'tool', name: 'order_status', minutes: 5 }, 400, /reason/],
    ['for longer than CloudWatch can', { kind: 'alarm', name: 'a/b', minutes: 99_999, reason: 'x' }, 400, /15 days/],
    [
      'of another deployment',
      { kind: 'alarm', name: 'staging/tool/order_status/failing', minutes: 5, reason: 'x' },
      404,
      /No alarm/,
    ],
  ])('%s is refused in a sentence, and nothing is muted', async (_, body, status, words) => {
    const refused = await send('POST', '/v1/mutes', body);
    expect(refused.status).toBe(status);
    expect(refused.answer.detail).toMatch(words);
    expect(await list()).toEqual([]);
  });

  test('of warnings may do without an end, and is then as long as CloudWatch can', async () => {
    const { answer } = await send('POST', '/v1/mutes', { kind: 'alarm', name: 'tool/*/slow', reason: 'x' });
    expect(answer.alarms).toEqual(['tool/order_status/slow', 'tool/place_order/slow']);
    expect(Date.parse(answer.ends_at) - Date.parse(answer.starts_at)).toBe(15 * 24 * 60 * MINUTE);
    expect((await send('DELETE', `/v1/mutes/${answer.id}`)).status).toBe(200);
  });

  test('that somebody made in CloudWatch is listed, and is not ended here', async () => {
    const MuteTargets = { AlarmNames: ['tool/place_order/slow'] };
    const Schedule = { Expression: 'cron(0 2 * * *)', Duration: 'PT1H' };
    cloud.alarms.mutes.put({ Name: 'by-hand', Description: 'at night', Rule: { Schedule }, MuteTargets });
    expect(await list()).toMatchObject([
      { id: 'by-hand', kind: 'rule', reason: 'at night', ends_at: null, actor: null },
    ]);
    expect((await send('DELETE', '/v1/mutes/by-hand')).status).toBe(409);
    expect((await send('DELETE', '/v1/mutes/none')).status).toBe(404);
    cloud.alarms.mutes.remove('by-hand');
  });
});

describe('alarms', () => {
  const read = async (query = ''): Promise<AlarmsReport> => {
    const { status, answer } = await send('GET', `/v1/alarms${query}`);
    expect(status, JSON.stringify(answer)).toBe(200);
    return alarmsReport.parse(answer);
  };
  const namesOf = ({ alarms }: AlarmsReport) => alarms.map(({ name }) => name);

  test('say their state, since when and why, what they mean and what to do; the firing ones first', async () => {
    await set('tool/order_status/failing', 0);
    await set('tool/place_order/slow', 0);
    const before = clock.now();
    await set('tool/place_order/slow', 1);
    const { alarms, total, next } = await read();
    expect([total, next]).toEqual([4, null]);
    expect(alarms[0]).toMatchObject({
      name: 'tool/place_order/slow',
      cloudwatch_name: 'tool/place_order/slow',
      ...{ state: 'firing', severity: 'warning', owner: 'shop', tool: 'place_order', provider: null },
      ...{ means: 'It fails.', actions: 'on', muted: null, contributors: [], logs_url: null },
      runbook: { heading: 'tool/*/slow', url: null, advice: null, advice_by_fault: {} },
    });
    expect(Date.parse(alarms[0]?.since ?? '')).toBeGreaterThanOrEqual(before);
    expect(alarms[0]?.reason).toMatch(/^Threshold Crossed: 1 out of the last 1 datapoints/);
    const failing = alarms.find(({ name }) => name === 'tool/order_status/failing');
    expect(failing?.runbook).toMatchObject({
      advice: 'Go back to the version before.',
      advice_by_fault: { ours: 'Go back.' },
    });
  });

  test('say by which mute they are muted now, and not by one that has ended', async () => {
    const asked = { kind: 'tool', name: 'place_order', minutes: 10, reason: 'The shop moves' };
    const { answer } = await send('POST', '/v1/mutes', asked);
    await clock.advance(2 * MINUTE);
    const muted = { id: answer.id, reason: 'The shop moves', actor: 'unknown', ends_at: answer.ends_at };
    expect((await read('?tool=place_order')).alarms).toMatchObject([{ name: 'tool/place_order/slow', muted }]);
    await send('DELETE', `/v1/mutes/${answer.id}`);
    expect((await read('?tool=place_order')).alarms).toMatchObject([{ muted: null }]);
  });

  test('over many names say for which of them they fire, and are found by the tool', async () => {
    const dimensions = { service: 't', tool: 'regex_search' };
    cloud.metrics.put({ namespace: 'Test', name: 'trickle', dimensions }, 1);
    await clock.advance(MINUTE);
    cloud.alarms.evaluateAll(Math.floor(clock.now() / MINUTE) * MINUTE);
    const { alarms } = await read('?tool=regex_search');
    expect(alarms).toMatchObject([
      {
        ...{ name: 'tools/trickle', tool: null, state: 'firing' },
        contributors: [{ name: 'tool/regex_search/trickle', tool: 'regex_search' }],
      },
    ]);
    expect(namesOf(await read('?state=firing&severity=warning'))).toContain('tools/trickle');
  });

  test('are asked for by state, severity and name, and page by page', async () => {
    expect(namesOf(await read('?severity=critical'))).toEqual(['tool/order_status/failing']);
    expect(namesOf(await read('?name=tool/*/slow')).sort()).toEqual([
      'tool/order_status/slow',
      'tool/place_order/slow',
    ]);
    const { alarms } = await read();
    const first = await read('?limit=2');
    const second = await read(`?limit=2&after=${encodeURIComponent(first.next ?? '')}`);
    expect([...first.alarms, ...second.alarms]).toEqual(alarms);
    expect([first.total, second.total, second.next]).toEqual([4, 4, null]);
  });
});

describe('completeness', () => {
  const HOUR = 60 * MINUTE;
  const read = async (query = '') => {
    const { status, answer } = await send('GET', `/v1/completeness${query}`);
    return { status, ...(status === 200 ? completenessReport.parse(answer) : answer) };
  };

  test('has for each hour the lowest share, what was put aside, the longest delay and what waits', async () => {
    const ofService = (name: string, service = 'toolwatch') => ({
      ...{ namespace: 'Toolwatch', name, dimensions: { service } },
    });
    await clock.advance(HOUR - (clock.now() % HOUR));
    const began = clock.now();
    for (const pct of [100, 97.5, 100]) cloud.metrics.put(ofService('completeness_pct'), pct);
    for (const rejects of [2, 3]) cloud.metrics.put(ofService('ingest_rejects'), rejects);
    for (const seconds of [400, 900, 301]) cloud.metrics.put(ofService('ingest_lag_seconds'), seconds);
    cloud.metrics.put(ofService('completeness_pct', 'another'), 1);
    await clock.advance(HOUR);
    cloud.metrics.put(ofService('completeness_pct'), 100);
    cloud.metrics.put(ofService('retained_payloads'), 4);
    await clock.advance(HOUR);

    const iso = (at: number) => new Date(at).toISOString();
    const nothing = { completeness_pct: null, rejects: null, lag_seconds: null, retained_payloads: null };
    expect(await read('?hours=3')).toEqual({
      status: 200,
      from: iso(began),
      until: iso(began + 3 * HOUR),
      hours: [
        { ...nothing, hour: iso(began), completeness_pct: 97.5, rejects: 5, lag_seconds: 900 },
        { ...nothing, hour: iso(began + HOUR), completeness_pct: 100, retained_payloads: 4 },
        { ...nothing, hour: iso(began + 2 * HOUR) },
      ],
      lowest_pct: 97.5,
      measured_at: iso(began + HOUR),
    });
    expect(await read('?hours=1')).toMatchObject({ lowest_pct: null, measured_at: null, hours: [nothing] });
  });

  test('has a day unless it is asked for more, and at most a week', async () => {
    expect((await read()).hours).toHaveLength(24);
    expect((await read('?hours=168')).hours).toHaveLength(168);
    for (const hours of ['0', '169', 'all', '1.5'])
      expect(await read(`?hours=${hours}`)).toMatchObject({ status: 400 });
  });
});
