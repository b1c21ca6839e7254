import { describe, expect, test } from 'vitest';
import {
  CALL_FLAGS,
  CALL_METRICS,
  CHANNEL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_METRICS,
} from '../../lambdas/contract/metrics.ts';
import { headingOf } from '../../lambdas/contract/runbook.ts';
import type { AlarmFacts } from '../../lambdas/contract/tool-facts.ts';
import { findAlarmProblems, readRunbookHeadings } from '../../lib/alarm-audit.ts';
import { filesBelow, read } from '../support/source-files.ts';
import { alarmsOf, aTool, ofType, type Resource, synthesize } from '../support/synthesized.ts';

const headings = readRunbookHeadings(read('docs/runbook.md'));

/** A deployment with every kind of alarm. */
const everything = synthesize(
  {
    alerts: {
      critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] },
      warning: { emails: ['b@example.com'] },
      channels: [{ name: 'chat', type: 'slack-webhook' }],
    },
    alarms: { callerFaultShift: true },
    queues: [{ name: 'orders.fifo', oldestMinutes: 30, owner: 'warehouse' }],
    probes: [{ name: 'checkout', silentAfterMinutes: 20 }],
    openTelemetry: { endpoint: 'https://otlp.example.com/v1/traces' },
    jobs: {},
    hooks: [{ source: 'shop', scheme: 'github', tool: 'order_status' }],
    frontDoor: { kind: 'http-api', jwt: { issuer: 'https://issuer.example.com', audience: ['toolwatch'] } },
  },
  [
    aTool({ provider: 'shop', alarms: { errorRate: 0.05 } }),
    aTool({ name: 'place_order', provider: 'shop', alarms: { errorRate: 0.02 } }),
    aTool({ name: 'forecast', provider: 'meteo' }),
    aTool({
      name: 'greet',
      timeoutSeconds: 20,
      alarms: { p95Ms: 1_000, errorRate: 0.1, objective: 0.99, silentAfterMinutes: 60, owner: 'greeters' },
    }),
  ],
).resources;

const nameOf = ({ Properties }: Resource): string => Properties.AlarmName;
const namesOf = (resources: Parameters<typeof alarmsOf>[0]): string[] => alarmsOf(resources).map(nameOf);
const names = namesOf(everything);
const alarm = (name: string): Resource => {
  const found = alarmsOf(everything).find((candidate) => nameOf(candidate) === name);
  if (!found) throw new Error(`There is no alarm ${name}`);
  return found;
};

describe('the alarms', () => {
  test('a tool without thresholds has the defaults, and no alarm on what its timeout rules out', () => {
    const thresholds = (timeoutSeconds: number, alarms: AlarmFacts = {}) =>
      alarmsOf(synthesize({}, [aTool({ timeoutSeconds, alarms })]).resources).flatMap(
        ({ Properties: { AlarmName, Threshold } }) => (AlarmName.startsWith('tool/') ? [[AlarmName, Threshold]] : []),
      );
    expect(thresholds(20)).toEqual([
      ['tool/order_status/failing', 0.1],
      ['tool/order_status/slow', 5_000],
      ['tool/order_status/very-slow', 10_000],
    ]);
    expect(thresholds(10).map(([name]) => name)).not.toContain('tool/order_status/very-slow');
    expect(thresholds(10, { criticalP95Ms: 8_000 })).toContainEqual(['tool/order_status/very-slow', 8_000]);
    expect(thresholds(3, { p95Ms: 1_000, criticalP95Ms: 2_000 })).toContainEqual([
      'tool/order_status/very-slow',
      2_000,
    ]);
  });

  test('the alarms of a tool follow from its facts alone', () => {
    expect(names.filter((name) => name.startsWith('tool/order_status/')).sort()).toEqual([
      'tool/order_status/callers-at-fault',
      'tool/order_status/failing',
      'tool/order_status/slow',
    ]);
    expect(names.filter((name) => name.startsWith('tool/greet/')).sort()).toEqual([
      'tool/greet/callers-at-fault',
      'tool/greet/failing',
      'tool/greet/silent',
      'tool/greet/slow',
      'tool/greet/very-slow',
    ]);
  });

  test('a provider has a warning, and one that several tools share also an alarm that it is down', () => {
    expect(names.filter((name) => name.startsWith('provider/')).sort()).toEqual([
      'provider/meteo/failing',
      'provider/shop/degraded',
      'provider/shop/down',
      'provider/shop/failing',
    ]);
    const [warning, down] = ['failing', 'down'].map((condition) => alarm(`provider/shop/${condition}`).Properties);
    expect([warning.Threshold, down.Threshold]).toEqual([0.1, 0.5]);
    expect(down.Metrics[0].Expression).toBe(warning.Metrics[0].Expression);
  });

  test('a provider is evidence from the share on that two of its tools may not fail, and notifies nobody by itself', () => {
    const toolsThatMayFail = (...rates: number[]) =>
      rates.map((errorRate, at) => aTool({ name: `shop_${at}`, provider: 'shop', alarms: { errorRate } }));
    const { resources } = synthesize({}, toolsThatMayFail(0.02, 0.01, 0.05));
    const topicsOf = ({ AlarmActions }: Resource['Properties']) => JSON.stringify(AlarmActions);
    const findAlarm = (name: string) => alarmsOf(resources).find((found) => nameOf(found) === name)?.Properties ?? {};
    const degraded = findAlarm('provider/shop/degraded');
    expect(degraded.Threshold).toBe(0.02);
    expect(degraded.Metrics[0].Expression).toContain('errors - 0.02 * calls');
    expect(topicsOf(degraded)).toBe(topicsOf(findAlarm('provider/shop/failing')));
    const { AlarmRule } = findAlarm('pipeline/direct-warning');
    expect(JSON.stringify(AlarmRule)).toContain('provider/shop/failing');
    expect(JSON.stringify(AlarmRule)).not.toContain('provider/shop/degraded');
    for (const rates of [[0.02], [0.02, 0.1]])
      expect(namesOf(synthesize({}, toolsThatMayFail(...rates)).resources)).not.toContain('provider/shop/degraded');
  });

  test('a provider has no alarm where every tool may fail more often than a provider', () => {
    const batch = aTool({ name: 'export', provider: 'warehouse', alarms: { errorRate: 0.4 } });
    expect(namesOf(synthesize({}, [batch]).resources).filter((name) => name.startsWith('provider/'))).toEqual([]);
  });

  test('a tool fails when it is significantly above its rate with enough calls, or when most of a few calls fail', () => {
    const { Properties } = alarm('tool/greet/failing');
    expect(Properties.Threshold).toBe(0.1);
    expect(Properties.Metrics[0].Expression).toBe(
      'IF((((calls >= 20 AND errors >= 3) OR (errors >= 5 AND 2 * errors >= calls)) AND ' +
        '(errors - 0.1 * calls - 1.54) > 0 AND ' +
        '(errors - 0.1 * calls - 1.54) * (errors - 0.1 * calls - 1.54) >= 1.024 * calls), errors / calls, 0)',
    );
    expect([Properties.DatapointsToAlarm, Properties.EvaluationPeriods]).toEqual([2, 3]);
    expect(Properties.EvaluationWindow).toEqual({ WallClockWindow: {} });
    expect(Properties.TreatMissingData).toBe('notBreaching');
  });

  test('no alarm reads more than ten metrics, which is all that CloudWatch takes', () => {
    const { resources } = synthesize(
      {
        ...{ archive: {}, drill: {}, weekReport: {}, alerts: { warning: { emails: ['a@example.com'] } } },
        checks: [{ name: 'shop', kind: 'http', url: 'https://shop.example.com/health' }],
        jobs: { schedules: [{ name: 'nightly', tool: 'order_status', at: 'rate(1 day)' }] },
        hooks: [{ source: 'shop', scheme: 'github', tool: 'order_status' }],
      },
      [aTool()],
    );
    const tooMany = alarmsOf(resources).flatMap(({ Properties: { AlarmName, Metrics = [] } }) => {
      const read = Metrics.filter((metric: { MetricStat?: object }) => metric.MetricStat).length;
      return read > 10 ? [[AlarmName, read]] : [];
    });
    expect(tooMany).toEqual([]);
  });

  test('a queue has a warning at 500 messages, a critical alarm at 1,000, and a warning on its oldest message', () => {
    const queueAlarm = (condition: string) => alarm(`queue/orders.fifo/${condition}`).Properties;
    const severityOf = (condition: string) =>
      JSON.stringify(queueAlarm(condition).AlarmActions).includes('Critical') ? 'critical' : 'warning';
    const conditions = ['filling', 'flooded', 'waiting'];
    expect(conditions.map((condition) => [condition, severityOf(condition), queueAlarm(condition).Threshold])).toEqual([
      ['filling', 'warning', 500],
      ['flooded', 'critical', 1_000],
      ['waiting', 'warning', 1_800],
    ]);
    expect(queueAlarm('flooded').Dimensions).toEqual([{ Name: 'QueueName', Value: 'orders.fifo' }]);
    expect(queueAlarm('flooded').Tags).toContainEqual({ Key: 'owner', Value: 'warehouse' });
  });

  test('the alarm on a probe reads the metric under which its lines are counted', () => {
    const { Metrics } = alarm('probe/checkout/silent').Properties;
    const read = Metrics.find((query: { MetricStat?: object }) => query.MetricStat).MetricStat;
    expect(read.Metric.Dimensions).toContainEqual({ Name: 'tool', Value: 'probe/checkout' });
    expect(read.Period).toBe(1_200);
  });

  test("no critical alarm reads the caller's fault", () => {
    const critical = alarmsOf(everything).filter(({ Properties }) =>
      JSON.stringify(Properties.AlarmActions ?? '').includes('Critical'),
    );
    expect(critical.length).toBeGreaterThan(5);
    for (const resource of critical)
      expect(JSON.stringify(resource), nameOf(resource)).not.toContain(CALL_FLAGS.callerError);
  });

  test('missing data is bad for a tool in constant use, a probe, refresh, retention, completeness, the worker, the self-check and the notifier, and good elsewhere', () => {
    const breaching = alarmsOf(everything).filter(({ Properties }) => Properties.TreatMissingData === 'breaching');
    expect(breaching.map(nameOf).sort()).toEqual([
      'jobs/stopped',
      'monitoring/unchecked',
      'pipeline/incomplete',
      'pipeline/notifier-stopped',
      'pipeline/refresh-silent',
      'pipeline/retention-silent',
      'pipeline/roll-ups-behind',
      'probe/checkout/silent',
      'tool/greet/silent',
    ]);
  });

  test('the owner in the facts owns all alarms of the tool', () => {
    const owners = names
      .filter((name) => name.startsWith('tool/greet/'))
      .map((name) => alarm(name).Properties.Tags.find(({ Key }: { Key: string }) => Key === 'owner').Value);
    expect(new Set(owners)).toEqual(new Set(['greeters']));
  });

  test('a description names the owner and the runbook, within the length that CloudWatch allows', () => {
    for (const resource of alarmsOf(everything)) {
      const description = (resource.Properties.AlarmDescription['Fn::Join'][1] as unknown[])
        .map((part) => (typeof part === 'string' ? part : 'ap-southeast-3'))
        .join('');
      expect(description, nameOf(resource)).toMatch(/Severity: (critical|warning)\. Owner: \w+\.\nRunbook: .*#\w/);
      expect(description.length, nameOf(resource)).toBeLessThanOrEqual(1_024);
    }
  });

  test('what refresh evaluates from the store has an alarm over all names, each of them a contributor', () => {
    const [trickle, fast] = ['trickle', 'burning-fast'].map((condition) => alarm(`tools/${condition}`).Properties);
    expect(trickle.Metrics[0].Expression).toBe(
      'SELECT MAX(trickle) FROM SCHEMA("Toolwatch", service, tool) ' +
        "WHERE service = 'toolwatch' GROUP BY tool ORDER BY MAX() DESC",
    );
    expect([trickle, fast].map(({ AlarmActions }) => JSON.stringify(AlarmActions).includes('Critical'))).toEqual([
      false,
      true,
    ]);
  });

  test('what refresh finds of alert rules has an alarm of each severity, each rule a contributor', () => {
    const alarms = ['critical', 'warning', 'not-evaluated'].map((found) => alarm(`rules/${found}`).Properties);
    expect(alarms.map(({ Metrics }) => Metrics[0].Expression)).toEqual(
      ['rule_critical', 'rule_warning', 'rule_not_evaluated'].map(
        (metric) =>
          `SELECT MAX(${metric}) FROM SCHEMA("Toolwatch", service, rule) ` +
          "WHERE service = 'toolwatch' GROUP BY rule ORDER BY MAX() DESC",
      ),
    );
    expect(alarms.map(({ AlarmActions }) => JSON.stringify(AlarmActions).includes('Critical'))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('only alarms on lost notifications notify the recipients of every severity, and beside them the notifier', () => {
    const toAll = alarmsOf(everything).filter(({ Properties }) => Properties.AlarmActions?.length > 1);
    expect(toAll.map(nameOf).sort()).toEqual([
      'channel/chat/dead',
      'channel/chat/dead-letters',
      'channel/chat/waiting',
      'monitoring/off',
      'monitoring/unchecked',
      'pipeline/drill-unheard',
      'pipeline/notifications-undelivered',
      'pipeline/notifications-unread',
      'pipeline/notifier-failing',
      'pipeline/notifier-stopped',
    ]);
    for (const { Properties } of toAll) {
      for (const severity of ['Critical', 'Warning'])
        expect(JSON.stringify(Properties.AlarmActions)).toContain(`Topics${severity}`);
      // The notifier tells channels that it fires, and everybody that it is over; it leaves out that a new alarm is OK.
      expect(JSON.stringify(Properties.AlarmActions)).toContain('Notify');
      expect(JSON.stringify(Properties.OKActions)).toMatch(/Notify(Critical|Warning)/);
    }
  });

  test('all others but the direct path publish to the notifier', () => {
    const direct = alarmsOf(everything).filter(({ Properties }) =>
      /"Topics(Critical|Warning)/.test(JSON.stringify(Properties.AlarmActions ?? [])),
    );
    expect(direct.map(nameOf).sort()).toEqual([
      'channel/chat/dead',
      'channel/chat/dead-letters',
      'channel/chat/waiting',
      'monitoring/off',
      'monitoring/unchecked',
      'pipeline/direct-critical',
      'pipeline/direct-warning',
      'pipeline/drill-unheard',
      'pipeline/notifications-undelivered',
      'pipeline/notifications-unread',
      'pipeline/notifier-failing',
      'pipeline/notifier-stopped',
    ]);
  });

  test('with a webhook only notifications that SNS gave up on count, not an attempt whose retry succeeded', () => {
    const readOf = ({ Properties }: Resource): string[] =>
      Properties.Metrics.flatMap(({ MetricStat }: { MetricStat?: { Metric: { MetricName: string } } }) =>
        MetricStat ? [MetricStat.Metric.MetricName] : [],
      );
    expect(new Set(readOf(alarm('pipeline/notifications-undelivered')))).toEqual(
      new Set(['ApproximateNumberOfMessagesVisible', 'NumberOfNotificationsFailedToRedriveToDlq']),
    );
    const byMail = alarmsOf(synthesize({ alerts: { critical: { emails: ['a@example.com'] } } }).resources);
    const undelivered = byMail.find((resource) => nameOf(resource) === 'pipeline/notifications-undelivered');
    expect(new Set(undelivered && readOf(undelivered))).toEqual(new Set(['NumberOfNotificationsFailed']));
  });

  test('names are unique', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the runbook', () => {
  /** A part of a composite alarm is described with the whole. */
  const isPart = (name: string): boolean =>
    alarm(name).Properties.Tags.some(({ Key }: { Key: string }) => Key === 'part-of');

  test('has a heading for every alarm, and no other headings of that form', () => {
    // Tools behind our gateway have none of these: it writes the line of one that is killed.
    const elsewhere = ['tool/*/killed', 'tool/*/lines-missing', 'tool/*/no-lines', 'own/*'];
    expect(
      [
        ...new Set([
          ...names.filter((name) => !isPart(name) || headings.includes(headingOf(name))).map(headingOf),
          ...elsewhere,
        ]),
      ].sort(),
    ).toEqual([...headings].sort());
  });

  test('says under each heading what to do', () => {
    const sections = read('docs/runbook.md').split(/^### /m).slice(1);
    for (const section of sections) {
      expect(section).toContain('**Means**');
      expect(section, section).toMatch(/\*\*(Do|Look, do)\*\*/);
    }
  });
});

describe('the names of metrics', () => {
  const ours = new Set<string>(
    [CALL_METRICS, CALL_FLAGS, PROVIDER_METRICS, CHANNEL_METRICS, PIPELINE_METRICS].flatMap((names) =>
      Object.values(names),
    ),
  );

  test('that alarms and the dashboard read are in the contract', () => {
    const read = alarmsOf(everything).flatMap(({ Properties }) => [
      Properties,
      ...(Properties.Metrics ?? []).flatMap(
        ({ MetricStat }: { MetricStat?: { Metric: object } }) => MetricStat?.Metric ?? [],
      ),
    ]);
    const used = read.filter(({ Namespace }) => Namespace === NAMESPACE).map(({ MetricName }) => MetricName);
    expect(used.length).toBeGreaterThan(10);
    const board = JSON.stringify(ofType(everything, 'AWS::CloudWatch::Dashboard'));
    used.push(
      ...[...board.matchAll(new RegExp(`\\\\"${NAMESPACE}\\\\",\\\\"(\\w+)\\\\"`, 'g'))].map((match) => match[1]),
    );
    expect(used.filter((name) => !ours.has(name))).toEqual([]);
  });

  test('of the pipeline are all read, because each is billed for the hours in which it is written', () => {
    const read = JSON.stringify(alarmsOf(everything));
    const notByAlarms = Object.values(PIPELINE_METRICS).filter((name) => !read.includes(`"${name}"`));
    // Messages without figures are right, and jobs are made every minute: they wake nobody, and are on the dashboard.
    const { factsMissing, jobsQuarantined, jobsProcessed, jobsProcessingTime } = PIPELINE_METRICS;
    expect(notByAlarms).toEqual([factsMissing, jobsQuarantined, jobsProcessed, jobsProcessingTime]);
    const board = JSON.stringify(ofType(everything, 'AWS::CloudWatch::Dashboard'));
    expect(notByAlarms.filter((name) => !board.includes(name))).toEqual([]);
  });

  test('are not spelled out in lib', () => {
    // Some names are ordinary words; those are identical to their key in the contract.
    const keys = new Set([...Object.keys(CALL_METRICS), ...Object.keys(CALL_FLAGS)]);
    const spelled = filesBelow('lib').filter((file) =>
      [...ours].filter((name) => !keys.has(name)).some((name) => new RegExp(`['"]${name}['"]`).test(read(file))),
    );
    expect(spelled).toEqual([]);
  });
});

describe('the audit of a template', () => {
  const template = () => structuredClone({ Resources: everything });
  const problemsAfter = (change: (alarm: Resource['Properties']) => void): string[] => {
    const changed = template();
    for (const resource of alarmsOf(changed.Resources))
      if (nameOf(resource) === 'tool/greet/slow') change(resource.Properties);
    return findAlarmProblems(changed, headings).map(({ problem }) => problem);
  };

  test('reports nothing that is deployed', () => {
    expect(findAlarmProblems(template(), headings)).toEqual([]);
  });

  test.each<[string, (alarm: Resource['Properties']) => void, RegExp]>([
    ['an alarm without an alarm action', (changed) => delete changed.AlarmActions, /notifies no topic when it fires/],
    ['an alarm without an OK action', (changed) => delete changed.OKActions, /notifies no topic when it is over/],
    ['an alarm without a severity', (changed) => changed.Tags.pop(), /has no severity/],
    ['an alarm without an owner', (changed) => changed.Tags.shift(), /has no owner/],
    [
      'an alarm without a heading in the runbook',
      (changed) => {
        changed.AlarmName = 'tool/greet/odd';
      },
      /no heading in docs\/runbook\.md/,
    ],
    [
      'a part of a composite alarm that does not exist',
      (changed) => changed.Tags.push({ Key: 'part-of', Value: 'tool/greet/gone' }),
      /is a part of tool\/greet\/gone, which does not exist/,
    ],
  ])('reports %s', (_, change, sentence) => {
    expect(problemsAfter(change)).toEqual([expect.stringMatching(sentence)]);
  });

  test('reports a topic that has subscribers but no alarm', () => {
    const changed = template();
    for (const { Properties } of alarmsOf(changed.Resources)) delete Properties.AlarmActions;
    for (const { Properties } of ofType(changed.Resources, 'AWS::CloudFormation::Stack')) delete Properties.Parameters;
    expect(findAlarmProblems(changed, headings).map(({ problem }) => problem)).toContainEqual(
      expect.stringMatching(/^The topic TopicsCritical.* has subscribers, but no alarm notifies it/),
    );
  });
});
