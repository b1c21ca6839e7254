import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { findAlarmProblems, readRunbookHeadings } from '../../lib/alarm-audit.ts';
import { InvalidSettings } from '../../lib/settings.ts';
import { monitorTool, type OwnAlarmProps } from '../../lib/tool-observability.ts';
import { aFunction, alarm, anApp, aTool, resourcesOf } from '../support/existing-app.ts';
import { addStoreLocation, observeShop, synthesizeApp } from '../support/shop-stack.ts';
import { read } from '../support/source-files.ts';
import { alarmsOf, emptyBundles, ofType, type Resources } from '../support/synthesized.ts';

vi.mock('../../lib/bundle.ts', async (original) => ({
  ...(await original<typeof import('../../lib/bundle.ts')>()),
  bundle: () => emptyBundles(),
}));

const PLACED = { namespace: 'Shop', metricName: 'OrdersPlaced', dimensions: ['Store'] };
const placed = (dimensionsMap: Record<string, string> = { Store: 'main' }) =>
  new cloudwatch.Metric({ namespace: 'Shop', metricName: 'OrdersPlaced', dimensionsMap, statistic: 'Sum' });
const tooFew = (more: Partial<OwnAlarmProps> = {}): OwnAlarmProps => ({
  metric: placed(),
  threshold: 5,
  comparisonOperator: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  severity: 'warning',
  alarmDescription: 'Fewer than five orders in five minutes.',
  ...more,
});
const namesIn = (resources: Resources) => alarmsOf(resources).map(({ Properties }) => Properties.AlarmName);

describe('what the construct made', () => {
  test('is there by its names: each alarm, the dashboard, the topics and the address of the API', () => {
    const { app, shop } = anApp();
    const made = observeShop(shop, {
      tools: [
        aTool(
          aFunction(shop, { environment: { POWERTOOLS_SERVICE_NAME: 'shop', TOOLWATCH_CALLER_ERROR_METRIC: 'on' } }),
          {
            alarms: { objective: 0.99 },
          },
        ),
        { name: 'fulfil', alarms: {} },
      ],
      store: addStoreLocation(shop),
      settings: { alarms: { callerFaultShift: true } },
      appMetrics: [PLACED],
    });
    made.addAlarm('few-orders', tooFew());
    expect(Object.keys(made.tool('checkout').alarms)).toEqual(
      expect.arrayContaining(['failing', 'slow', 'killed', 'lines-missing', 'no-lines', 'callers-at-fault']),
    );
    expect(Object.keys(made.alarmsOn('failing'))).toEqual(['checkout', 'fulfil']);
    expect(Object.keys(made.alarmsOn('killed'))).toEqual(['checkout']);
    expect(made.dashboard).toBeInstanceOf(cloudwatch.Dashboard);
    expect(shop.resolve(made.apiUrl)).toHaveProperty('Fn::GetAtt');

    // Each can be used as any alarm: here in a composite, the one of CloudFormation alone included.
    const rules = ['failing', 'callers-at-fault', 'killed'].map((condition) =>
      cloudwatch.AlarmRule.fromAlarm(
        made.tool('checkout').alarms[condition] as cloudwatch.IAlarm,
        cloudwatch.AlarmState.ALARM,
      ),
    );
    new cloudwatch.CompositeAlarm(shop, 'Any', {
      compositeAlarmName: 'any',
      alarmRule: cloudwatch.AlarmRule.anyOf(...rules),
    });
    const deployed = namesIn(resourcesOf(app)).filter((name) => name !== 'any');
    expect([...made.alarms.keys()].map((name) => `shop/${name}`).sort()).toEqual(deployed.sort());
    expect(deployed.length).toBeGreaterThan(20);
  });

  test('has no dashboard with lean monitoring, and no API without a store', () => {
    for (const store of [undefined, false] as const) {
      const { app, shop } = anApp();
      const made = observeShop(shop, { settings: { monitoring: 'lean' }, ...(store === false && { store }) });
      expect([made.dashboard, made.apiUrl]).toEqual([undefined, undefined]);
      const resources = resourcesOf(app);
      expect(ofType(resources, 'AWS::Lambda::Function', 'AWS::EC2::SecurityGroup')).toEqual([]);
      expect(namesIn(resources)).toContain('shop/tool/checkout/failing');
    }
  });

  test('has the metrics of a tool that its alarms read, with what one asks for', () => {
    const { app, shop } = anApp();
    const tool = observeShop(shop).tool('checkout');
    const readings = [
      tool.metricCalls(),
      tool.metricErrors({ period: cdk.Duration.minutes(1) }),
      tool.metricErrorRate(),
      tool.metricDuration({ statistic: 'p95' }),
    ].map(({ namespace, metricName, statistic, period, dimensions }) => [
      `${namespace} ${metricName} ${statistic} ${period.toSeconds()}`,
      dimensions,
    ]);
    const dimensions = { service: 'shop', tool: 'checkout' };
    expect(readings).toEqual([
      ['Toolwatch duration_ms SampleCount 300', dimensions],
      ['Toolwatch error Sum 60', dimensions],
      ['Toolwatch error Average 300', dimensions],
      ['Toolwatch duration_ms p95 300', dimensions],
    ]);
    expect(() => tool.metricCallerErrors()).toThrow(/only with the setting alarms.callerFaultShift; write it/);
    expect(resourcesOf(app)).toBeDefined();
  });

  test('names the tools there are when asked for another', () => {
    const { shop } = anApp();
    expect(() => observeShop(shop).tool('checkuot')).toThrow(
      new InvalidSettings('There is no tool "checkuot"; write one of checkout.'),
    );
  });
});

describe('topics', () => {
  test.each(['critical', 'warning'] as const)(
    'may be given for %s alone: the other severity has a new one',
    (given) => {
      const { app, shop } = anApp();
      const other = given === 'critical' ? 'warning' : 'critical';
      const topic = new sns.Topic(shop, 'Given');
      const made = observeShop(shop, {
        topics: { [given]: topic },
        settings: { alerts: { [other]: { emails: ['team@example.com'] } } },
      });
      const resources = resourcesOf(app);
      expect(made.topics[given]).toBe(topic);
      expect(ofType(resources, 'AWS::SNS::Topic')).toHaveLength(2);
      expect(ofType(resources, 'AWS::SNS::Subscription').map(({ Properties }) => Properties.TopicArn)).toEqual([
        shop.resolve(made.topics[other].topicArn),
      ]);
      for (const { Properties } of alarmsOf(resources)) {
        const severity = Properties.Tags.find(({ Key }: { Key: string }) => Key === 'severity').Value as 'critical';
        expect(Properties.AlarmActions).toEqual([shop.resolve(made.topics[severity].topicArn)]);
      }
    },
  );

  test('of a tool are notified of that tool alone, each in place of that of its severity', () => {
    const { app, shop } = anApp();
    const team = new sns.Topic(shop, 'Team', { enforceSSL: true });
    const made = observeShop(shop, {
      tools: [aTool(aFunction(shop), { topics: { critical: team } }), { name: 'fulfil', alarms: {} }],
      appMetrics: [PLACED],
    });
    made.addAlarm('few-orders', tooFew({ tool: 'checkout', severity: 'critical' }));
    expect(made.tool('checkout').topics).toEqual({ critical: team, warning: made.topics.warning });
    const resources = resourcesOf(app);
    const notified = alarmsOf(resources)
      .filter(({ Properties }) =>
        JSON.stringify(Properties.AlarmActions).includes(shop.getLogicalId(team.node.defaultChild as sns.CfnTopic)),
      )
      .map(({ Properties }) => Properties.AlarmName);
    expect(notified.sort()).toEqual([
      'shop/own/few-orders',
      'shop/tool/checkout/failing',
      'shop/tool/checkout/killed',
      'shop/tool/checkout/very-slow',
    ]);
    const policies = ofType(resources, 'AWS::SNS::TopicPolicy').map(({ Properties }) => JSON.stringify(Properties));
    expect(policies).toHaveLength(3);
    for (const policy of policies) expect(policy.match(/AlarmsMayPublish/g)).toHaveLength(1);
  });
});

describe('an alarm of the app', () => {
  const withOwn = (name: string, props: OwnAlarmProps, more: Parameters<typeof observeShop>[1] = {}) => {
    const { app, shop } = anApp();
    observeShop(shop, { appMetrics: [PLACED], ...more }).addAlarm(name, props);
    return app;
  };

  test('has what each of ours has', () => {
    const app = withOwn(
      'few-orders',
      tooFew({ evaluationPeriods: 3, datapointsToAlarm: 2, owner: 'sales', runbookUrl: 'https://example.com/orders' }),
    );
    const resources = resourcesOf(app);
    const properties = alarm(resources, 'shop/own/few-orders');
    expect(properties).toMatchObject({
      Namespace: 'Shop',
      MetricName: 'OrdersPlaced',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
      OKActions: properties.AlarmActions,
    });
    expect(properties.AlarmActions).toHaveLength(1);
    const description = JSON.stringify(properties.AlarmDescription);
    expect(description).toContain('Fewer than five orders in five minutes.');
    expect(description).toContain('Severity: warning. Owner: sales.');
    expect(description).toContain('Runbook: https://example.com/orders');
    expect(properties.Tags).toContainEqual({ Key: 'severity', Value: 'warning' });
    expect(findAlarmProblems({ Resources: resources }, readRunbookHeadings(read('docs/runbook.md')))).toEqual([]);
  });

  test('is about a metric that somebody writes', () => {
    const declared =
      (metric: OwnAlarmProps['metric'], more = {}) =>
      () =>
        synthesizeApp(withOwn('few-orders', tooFew({ metric }), more));
    expect(declared(placed(), { appMetrics: [] })).toThrow(
      /own\/few-orders reads the metric Shop OrdersPlaced, which nobody is known to write; declare it in appMetrics/,
    );
    expect(declared(placed({ Shop: 'main' }))).toThrow(
      /reads Shop OrdersPlaced by Shop, but the app declares it by Store/,
    );
    expect(
      declared(new cloudwatch.Metric({ namespace: 'Toolwatch', metricName: 'errors', dimensionsMap: {} })),
    ).toThrow(/reads the metric Toolwatch errors, which nobody writes/);
    expect(
      declared(new cloudwatch.MathExpression({ expression: 'orders / visits', usingMetrics: { orders: placed() } })),
    ).toThrow(/uses visits in "orders \/ visits"/);
  });

  test('may read what a metric filter of the app writes, and what AWS writes of a function', () => {
    const { app, shop } = anApp();
    const filter = new logs.MetricFilter(shop, 'Placed', {
      logGroup: new logs.LogGroup(shop, 'Log') as logs.ILogGroup,
      filterPattern: logs.FilterPattern.literal('placed'),
      metricNamespace: 'Shop',
      metricName: 'Placed',
    });
    const made = observeShop(shop);
    made.addAlarm('few-orders', tooFew({ metric: filter.metric() }));
    made.addAlarm('throttled', tooFew({ metric: aFunction(shop).metricThrottles() }));
    expect(namesIn(resourcesOf(app))).toEqual(expect.arrayContaining(['shop/own/few-orders', 'shop/own/throttled']));
  });

  test('may be muted by its name, and a mute of none is refused', () => {
    const mutes = (alarms: string[]) => ({
      settings: { mutes: [{ name: 'nights', reason: 'Closed', at: 'cron(0 2 * * 6)', minutes: 60, alarms }] },
    });
    const resources = resourcesOf(withOwn('few-orders', tooFew(), mutes(['own/*', 'tool/*/slow'])));
    const muted = ofType(resources, 'AWS::CloudWatch::AlarmMuteRule').flatMap(
      ({ Properties }) => Properties.MuteTargets.AlarmNames,
    );
    expect(muted.sort()).toEqual(['shop/own/few-orders', 'shop/tool/checkout/slow']);
    expect(() => synthesizeApp(withOwn('few-orders', tooFew(), mutes(['own/many-*'])))).toThrow(
      /no alarm is called own\/many-\*/,
    );
  });

  test.each<[string, string, object]>([
    ['Few orders', 'its name; write', {}],
    ['few-orders', 'its description; write alarmDescription', { alarmDescription: ' ' }],
    ['few-orders', 'its severity; write critical or warning', { severity: 'high' }],
    ['few-orders', 'its threshold; write a number', { threshold: Number.NaN }],
    ['few-orders', 'its metric; give a Metric or a MathExpression', { metric: {} }],
    ['few-orders', 'datapointsToAlarm; write a number up to', { datapointsToAlarm: 4, evaluationPeriods: 3 }],
    ['few-orders', 'evaluationPeriods; CloudWatch looks back 1 days at most, so write 288', { evaluationPeriods: 289 }],
    ['few-orders', 'treatMissingData; write BREACHING', { treatMissingData: cloudwatch.TreatMissingData.IGNORE }],
  ])('is refused in a sentence: %s, %s', (name, sentence, more) => {
    expect(() => withOwn(name, tooFew(more as Partial<OwnAlarmProps>))).toThrow(`The alarm "${name}": ${sentence}`);
  });

  test('is refused twice, and about a tool that is not there', () => {
    const { shop } = anApp();
    const made = observeShop(shop, { appMetrics: [PLACED] });
    made.addAlarm('few-orders', tooFew());
    expect(() => made.addAlarm('few-orders', tooFew())).toThrow(/"few-orders" is added twice; rename/);
    expect(() => made.addAlarm('few', tooFew({ tool: 'x' }))).toThrow(/There is no tool "x"; write one of checkout/);
  });

  test('of whatever name is deployed under it, or refused in a sentence', () => {
    const name = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.stringMatching(/^[a-z0-9_-]{1,64}$/),
      fc.constantFrom('__proto__', 'constructor'),
    );
    fc.assert(
      fc.property(name, (given) => {
        const { app, shop } = anApp();
        const made = observeShop(shop, { appMetrics: [PLACED] });
        try {
          made.addAlarm(given, tooFew());
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidSettings);
          return;
        }
        expect(made.alarms.has(`own/${given}`)).toBe(true);
        expect(namesIn(resourcesOf(app))).toContain(`shop/own/${given}`);
      }),
      { numRuns: 30 },
    );
  });
});

describe('the alarms that lines are missing', () => {
  const toolsOf = (count: number, shop: cdk.Stack, more = {}) => {
    const fn = aFunction(shop);
    return Array.from({ length: count }, (_, index) => ({ name: `tool_${index}`, function: fn, alarms: {}, ...more }));
  };
  const named = (tools: (shop: cdk.Stack) => object[], settings = {}) => {
    const { app, shop } = anApp();
    observeShop(shop, { tools: tools(shop) as never, settings });
    const { templates, warnings } = synthesizeApp(app);
    return { warnings, names: namesIn(templates.Shop?.Resources ?? {}).filter((name) => /tool\/.*lines/.test(name)) };
  };

  test('are one of each for a function, whichever of its tools, aliases and versions are listed', () => {
    expect(named((shop) => toolsOf(8, shop)).names).toEqual([
      'shop/tool/tool_0/lines-missing',
      'shop/tool/tool_0/no-lines',
    ]);
    const { names } = named((shop) => {
      const fn = aFunction(shop);
      const alias = new lambda.Alias(shop, 'Live', {
        aliasName: 'live',
        version: fn.currentVersion as lambda.IVersion,
      });
      return [aTool(fn), aTool(alias as lambda.IFunction, { name: 'refund' })];
    });
    expect(names).toEqual(['shop/tool/checkout/lines-missing', 'shop/tool/checkout/no-lines']);
    expect(named((shop) => [aTool(aFunction(shop))], { monitoring: 'lean' }).names).toEqual([
      'shop/tool/checkout/lines-missing',
    ]);
    expect(named(() => [{ name: 'checkout', alarms: {} }]).names).toEqual([]);
  });

  test('are not there for a function that also does other work, or has more tools than an alarm reads', () => {
    expect(named((shop) => toolsOf(2, shop, { everyRunIsACall: false })).names).toEqual([]);
    const many = named((shop) => toolsOf(9, shop));
    expect(many.names).toEqual([]);
    expect(many.warnings).toContainEqual(expect.stringContaining('tool_0 has 9 tools, and an alarm reads at most 8'));
  });
});

describe('a tool in the words of cdk-monitoring-constructs', () => {
  const milliseconds = cdk.Duration.millis;

  test('is the same tool in ours', () => {
    const { shop } = anApp();
    const fn = aFunction(shop) as lambda.IFunction;
    expect(
      monitorTool(fn, {
        alarmFriendlyName: 'checkout',
        addFaultRateAlarm: { Critical: { maxErrorRate: 0.02 } },
        addLatencyP95Alarm: {
          Warning: { maxLatency: milliseconds(500) },
          Critical: { maxLatency: milliseconds(2_000) },
        },
        addMinInvocationsCountAlarm: { Critical: { minCount: 1, period: cdk.Duration.hours(1) } },
        alarms: { owner: 'sales' },
        provider: 'bank',
      }),
    ).toEqual({
      name: 'checkout',
      function: fn,
      provider: 'bank',
      alarms: { errorRate: 0.02, p95Ms: 500, criticalP95Ms: 2_000, silentAfterMinutes: 60, owner: 'sales' },
    });
    expect(monitorTool(fn, { alarmFriendlyName: 'checkout' }).alarms).toEqual({});
  });

  test.each<[object, RegExp]>([
    [{ addLatencyP99Alarm: {} }, /there is no addLatencyP99Alarm; write addLatencyP95Alarm/],
    [{ addThrottlesCountAlarm: {} }, /there is no addThrottlesCountAlarm; write addAlarm of ToolObservability/],
    [{ addFaultRateAlarm: { Warning: { maxErrorRate: 1 } } }, /addFaultRateAlarm has no Warning; write Critical/],
    [
      { addMinInvocationsCountAlarm: { Critical: { minCount: 5, period: cdk.Duration.hours(1) } } },
      /about no call at all; write minCount: 1/,
    ],
  ])('with a word that would be ignored is refused: %j', (more, sentence) => {
    const { shop } = anApp();
    expect(() => monitorTool(aFunction(shop), { alarmFriendlyName: 'checkout', ...more })).toThrow(sentence);
  });
});

describe('functions of other languages', () => {
  test.each<[string, (shop: cdk.Stack) => lambda.Function]>([
    [
      'a container',
      (shop) =>
        new lambda.DockerImageFunction(shop, 'Checkout', {
          code: lambda.DockerImageCode.fromImageAsset('examples/python'),
          loggingFormat: lambda.LoggingFormat.JSON,
          functionName: 'checkout',
        }),
    ],
    ['Python', (shop) => aFunction(shop, { runtime: lambda.Runtime.PYTHON_3_13, environment: {} })],
    [
      'Java',
      (shop) =>
        aFunction(shop, {
          runtime: lambda.Runtime.JAVA_21,
          environment: {},
          code: lambda.Code.fromAsset('examples/python'),
        }),
    ],
  ])('%s has all alarms, and no warning about our wrapper', (_, create) => {
    const { app, shop } = anApp();
    observeShop(shop, { tools: [aTool(create(shop) as lambda.IFunction)], callLogName: '/aws/lambda/checkout' });
    const { templates, warnings } = synthesizeApp(app);
    expect(namesIn(templates.Shop?.Resources ?? {})).toEqual(
      expect.arrayContaining(['failing', 'killed', 'lines-missing'].map((name) => `shop/tool/checkout/${name}`)),
    );
    expect(warnings).toEqual([]);
  });
});
