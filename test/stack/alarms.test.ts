import { describe, expect, test } from 'vitest';
import {
  CALL_FLAGS,
  CALL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_METRICS,
} from '../../lambdas/contract/metrics.ts';
import { findAlarmProblems, readRunbookHeadings } from '../../lib/alarm-audit.ts';
import { headingOf } from '../../lib/alarms/alarm-text.ts';
import { filesBelow, read } from '../support/source-files.ts';
import { alarmsOf, aTool, ofType, type Resource, synthesize } from '../support/synthesized.ts';

const headings = readRunbookHeadings(read('docs/runbook.md'));

/** With every kind of alarm there is. */
const everything = synthesize(
  {
    alerts: {
      critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] },
      warning: { emails: ['b@example.com'] },
    },
    alarms: { callerFaultShift: true },
    queues: [{ name: 'orders.fifo', oldestMinutes: 30, owner: 'warehouse' }],
    probes: [{ name: 'checkout', silentAfterMinutes: 20 }],
    frontDoor: { kind: 'http-api', jwt: { issuer: 'https://issuer.example.com', audience: ['toolwatch'] } },
  },
  [
    aTool({ provider: 'shop' }),
    aTool({ name: 'place_order', provider: 'shop' }),
    aTool({ name: 'forecast', provider: 'meteo' }),
    aTool({
      name: 'greet',
      timeoutSeconds: 20,
      alarms: { p95Ms: 1_000, errorRate: 0.1, objective: 0.99, silentAfterMinutes: 60, owner: 'greeters' },
    }),
  ],
).resources;

const nameOf = ({ Properties }: Resource): string => Properties.AlarmName;
const names = alarmsOf(everything).map(nameOf);
const alarm = (name: string): Resource => {
  const found = alarmsOf(everything).find((one) => nameOf(one) === name);
  if (!found) throw new Error(`No alarm is called ${name}`);
  return found;
};

describe('what is promised', () => {
  test('a tool that names no limits has those people are used to, and wakes nobody for what its timeout rules out', () => {
    const thresholds = (timeoutSeconds: number) =>
      alarmsOf(synthesize({}, [aTool({ timeoutSeconds, alarms: {} })]).resources).flatMap(({ Properties: of }) =>
        of.AlarmName.startsWith('tool/') ? [[of.AlarmName, of.Threshold]] : [],
      );
    expect(thresholds(60)).toEqual([
      ['tool/order_status/failing', 0.1],
      ['tool/order_status/slow', 5_000],
      ['tool/order_status/very-slow', 10_000],
      ['tool/order_status/trickle', 0.5],
    ]);
    expect(thresholds(10).map(([name]) => name)).not.toContain('tool/order_status/very-slow');
  });

  test('a tool has its alarms by its facts alone', () => {
    expect(names.filter((name) => name.startsWith('tool/order_status/')).sort()).toEqual([
      'tool/order_status/callers-at-fault',
      'tool/order_status/failing',
      'tool/order_status/slow',
      'tool/order_status/trickle',
    ]);
    expect(names.filter((name) => name.startsWith('tool/greet/')).sort()).toEqual([
      'tool/greet/burning-fast',
      'tool/greet/burning-fast/long-window',
      'tool/greet/burning-fast/short-window',
      'tool/greet/burning-slowly',
      'tool/greet/burning-slowly/long-window',
      'tool/greet/burning-slowly/short-window',
      'tool/greet/callers-at-fault',
      'tool/greet/failing',
      'tool/greet/silent',
      'tool/greet/slow',
      'tool/greet/trickle',
      'tool/greet/very-slow',
    ]);
  });

  test('an outside service has its alarms, and one that several tools share is told of once for all of them', () => {
    expect(names.filter((name) => name.startsWith('provider/')).sort()).toEqual([
      'provider/meteo/failing',
      'provider/shop/down',
      'provider/shop/failing',
    ]);
    const suppressed = (name: string) => JSON.stringify(alarm(name).Properties.Metrics).includes('provider_failed');
    expect(suppressed('tool/order_status/failing')).toBe(true);
    expect(suppressed('tool/forecast/failing')).toBe(false);
    expect(alarm('provider/shop/down').Properties.Metrics[0].Expression).toContain(
      'FILL(tool0, 0) < 0.8 * provider_failed AND FILL(tool1, 0) < 0.8 * provider_failed',
    );
  });

  test('an objective keeps still while a service that others depend on too is what is wrong, and only then', () => {
    const promising = (name: string, provider: string) =>
      aTool({ name, provider, alarms: { p95Ms: 1_000, errorRate: 0.1, objective: 0.99 } });
    const { resources } = synthesize({}, [promising('a', 'shop'), promising('b', 'shop'), promising('c', 'meteo')]);
    const held = alarmsOf(resources)
      .filter(({ Properties }) => Properties.ActionsSuppressor)
      .map(({ Properties: of }) => [
        of.AlarmName,
        JSON.stringify(of.ActionsSuppressor).includes('providershopdown'),
        of.ActionsSuppressorWaitPeriod,
        of.ActionsSuppressorExtensionPeriod,
      ]);
    expect(held.sort()).toEqual(
      ['a', 'b'].flatMap((tool) => ['fast', 'slowly'].map((pace) => [`tool/${tool}/burning-${pace}`, true, 660, 360])),
    );
  });

  test('a tool fails when its rate is over its own threshold, with a floor on calls and on failures and no chance, or most of a few', () => {
    const { Properties } = alarm('tool/greet/failing');
    expect(Properties.Threshold).toBe(0.1);
    expect(Properties.Metrics[0].Expression).toBe(
      'IF((calls >= 20 AND errors >= 3 AND (errors - 0.1 * calls) * (errors - 0.1 * calls) >= 0.4 * calls) OR (errors >= 5 AND 2 * errors >= calls), errors / calls, 0)',
    );
    expect([Properties.DatapointsToAlarm, Properties.EvaluationPeriods]).toEqual([2, 4]);
    expect(Properties.EvaluationWindow).toEqual({ WallClockWindow: {} });
    expect(Properties.TreatMissingData).toBe('notBreaching');
  });

  test('a queue of work warns at 500 messages, wakes at 1,000, and says when one waits too long', () => {
    const of = (what: string) => alarm(`queue/orders.fifo/${what}`).Properties;
    const told = (what: string) =>
      JSON.stringify(of(what).AlarmActions).includes('Critical') ? 'critical' : 'warning';
    expect(['filling', 'flooded', 'waiting'].map((what) => [what, told(what), of(what).Threshold])).toEqual([
      ['filling', 'warning', 500],
      ['flooded', 'critical', 1_000],
      ['waiting', 'warning', 1_800],
    ]);
    expect(of('flooded').Dimensions).toEqual([{ Name: 'QueueName', Value: 'orders.fifo' }]);
    expect(of('flooded').Tags).toContainEqual({ Key: 'owner', Value: 'warehouse' });
  });

  test('a probe is looked for under the name its lines are counted by', () => {
    const { Metrics } = alarm('probe/checkout/silent').Properties;
    const read = Metrics.find((one: { MetricStat?: object }) => one.MetricStat).MetricStat;
    expect(read.Metric.Dimensions).toContainEqual({ Name: 'tool', Value: 'probe/checkout' });
    expect(read.Period).toBe(1_200);
  });

  test("the caller's fault is in no alarm that wakes anybody", () => {
    const waking = alarmsOf(everything).filter((one) =>
      JSON.stringify(one.Properties.AlarmActions ?? '').includes('Critical'),
    );
    expect(waking.length).toBeGreaterThan(5);
    for (const one of waking) expect(JSON.stringify(one), nameOf(one)).not.toContain(CALL_FLAGS.callerError);
  });

  test('silence of a tool that is always called, of a probe, of refresh and of completeness is bad; other silence is fine', () => {
    const breaching = alarmsOf(everything).filter(({ Properties }) => Properties.TreatMissingData === 'breaching');
    expect(breaching.map(nameOf).sort()).toEqual([
      'pipeline/incomplete',
      'pipeline/refresh-silent',
      'probe/checkout/silent',
      'tool/greet/silent',
    ]);
  });

  test('an owner in the facts owns the alarms, all of them', () => {
    const owners = names
      .filter((name) => name.startsWith('tool/greet/'))
      .map((name) => alarm(name).Properties.Tags.find(({ Key }: { Key: string }) => Key === 'owner').Value);
    expect(new Set(owners)).toEqual(new Set(['greeters']));
  });

  test('an alarm says where to read on, in what CloudWatch takes', () => {
    for (const one of alarmsOf(everything)) {
      const said = (one.Properties.AlarmDescription['Fn::Join'][1] as unknown[])
        .map((part) => (typeof part === 'string' ? part : 'ap-southeast-3'))
        .join('');
      expect(said, nameOf(one)).toMatch(/Severity: (critical|warning)\. Owner: \w+\.\nRunbook: .*#\w/);
      expect(said.length, nameOf(one)).toBeLessThanOrEqual(1_024);
    }
  });

  test('that a message did not arrive is told to those of every severity, and nothing else is', () => {
    const toAll = alarmsOf(everything).filter(({ Properties }) => Properties.AlarmActions?.length > 1);
    expect(toAll.map(nameOf).sort()).toEqual(['pipeline/drill-unheard', 'pipeline/notifications-undelivered']);
    for (const { Properties } of toAll) {
      expect(Properties.OKActions).toEqual(Properties.AlarmActions);
      for (const topic of ['TopicsCritical', 'TopicsWarning'])
        expect(JSON.stringify(Properties.AlarmActions)).toContain(topic);
    }
  });

  test('a webhook that answers at the second attempt is no reason to page: where there is one, only what was given up counts', () => {
    const readOf = ({ Properties }: Resource): string[] =>
      Properties.Metrics.flatMap((one: { MetricStat?: { Metric: { MetricName: string } } }) =>
        one.MetricStat ? [one.MetricStat.Metric.MetricName] : [],
      );
    expect(new Set(readOf(alarm('pipeline/notifications-undelivered')))).toEqual(
      new Set(['ApproximateNumberOfMessagesVisible', 'NumberOfNotificationsFailedToRedriveToDlq']),
    );
    const byMail = alarmsOf(synthesize({ alerts: { critical: { emails: ['a@example.com'] } } }).resources);
    const one = byMail.find((it) => nameOf(it) === 'pipeline/notifications-undelivered');
    expect(new Set(one && readOf(one))).toEqual(new Set(['NumberOfNotificationsFailed']));
  });

  test('names are unique', () => {
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});

describe('the runbook', () => {
  test('has a heading for every alarm, and no other', () => {
    // Functions with our gateway before them need no alarm on being killed: it writes their line.
    expect([...new Set([...names.map(headingOf), 'tool/*/killed'])].sort()).toEqual([...headings].sort());
  });

  test('says under each what to do', () => {
    const sections = read('docs/runbook.md').split(/^### /m).slice(1);
    for (const section of sections) {
      expect(section).toContain('**Means**');
      expect(section, section).toMatch(/\*\*(Do|Look, do)\*\*/);
    }
  });
});

describe('the names of metrics', () => {
  const ours = new Set<string>(
    [CALL_METRICS, CALL_FLAGS, PROVIDER_METRICS, PIPELINE_METRICS].flatMap((names) => Object.values(names)),
  );

  test('that alarms and the dashboard read are all in the contract', () => {
    const read = alarmsOf(everything).flatMap(({ Properties }) => [
      Properties,
      ...(Properties.Metrics ?? []).flatMap((one: { MetricStat?: { Metric: object } }) => one.MetricStat?.Metric ?? []),
    ]);
    const used = read.filter((one) => one.Namespace === NAMESPACE).map((one) => one.MetricName);
    expect(used.length).toBeGreaterThan(10);
    const board = JSON.stringify(ofType(everything, 'AWS::CloudWatch::Dashboard'));
    used.push(
      ...[...board.matchAll(new RegExp(`\\\\"${NAMESPACE}\\\\",\\\\"(\\w+)\\\\"`, 'g'))].map((match) => match[1]),
    );
    expect(used.filter((name) => !ours.has(name))).toEqual([]);
  });

  test('of the pipeline are those that alarms read: each is billed for the hours in which it is written', () => {
    const read = JSON.stringify(alarmsOf(everything));
    expect(Object.values(PIPELINE_METRICS).filter((name) => !read.includes(`"${name}"`))).toEqual([]);
  });

  test('are spelled nowhere in lib', () => {
    // Some are words that mean other things too; those go by their key in the contract.
    const keys = new Set([...Object.keys(CALL_METRICS), ...Object.keys(CALL_FLAGS)]);
    const spelled = filesBelow('lib').filter((file) =>
      [...ours].filter((name) => !keys.has(name)).some((name) => new RegExp(`['"]${name}['"]`).test(read(file))),
    );
    expect(spelled).toEqual([]);
  });
});

describe('synthesis refuses', () => {
  const template = () => structuredClone({ Resources: everything });
  const faultsAfter = (change: (alarm: Resource['Properties']) => void): string[] => {
    const changed = template();
    for (const one of alarmsOf(changed.Resources)) if (nameOf(one) === 'tool/greet/slow') change(one.Properties);
    return findAlarmProblems(changed, headings).map(({ problem: fault }) => fault);
  };

  test('nothing that is deployed', () => {
    expect(findAlarmProblems(template(), headings)).toEqual([]);
  });

  test.each<[string, (alarm: Resource['Properties']) => void, RegExp]>([
    ['an alarm that tells nobody', (it) => delete it.AlarmActions, /tells nobody when it fires/],
    ['an alarm that never says it is over', (it) => delete it.OKActions, /tells nobody when it is over/],
    ['an alarm without severity', (it) => it.Tags.pop(), /has no severity/],
    ['an alarm without owner', (it) => it.Tags.shift(), /has no owner/],
    [
      'an alarm without a heading in the runbook',
      (it) => {
        it.AlarmName = 'tool/greet/odd';
      },
      /no heading in docs\/runbook\.md/,
    ],
    [
      'a part of nothing',
      (it) => it.Tags.push({ Key: 'part-of', Value: 'tool/greet/gone' }),
      /is a part of tool\/greet\/gone, which does not exist/,
    ],
  ])('%s', (_, change, sentence) => {
    expect(faultsAfter(change)).toEqual([expect.stringMatching(sentence)]);
  });

  test('a topic that people subscribe to and no alarm tells', () => {
    const changed = template();
    for (const one of alarmsOf(changed.Resources)) delete one.Properties.AlarmActions;
    for (const one of ofType(changed.Resources, 'AWS::CloudFormation::Stack')) delete one.Properties.Parameters;
    expect(findAlarmProblems(changed, headings).map(({ problem: fault }) => fault)).toContainEqual(
      expect.stringMatching(/^People subscribe to the topic TopicsCritical/),
    );
  });
});
