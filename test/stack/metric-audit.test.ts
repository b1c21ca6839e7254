import * as cdk from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { CALL_METRICS, NAMESPACE } from '../../lambdas/contract/metrics.ts';
import { findMetricProblems } from '../../lib/metric-audit/metric-problems.ts';
import { observeShop, synthesizeApp } from '../support/shop-stack.ts';

/** An alarm beside those of the construct, which reads what a test says. */
let app: cdk.App;
let shop: cdk.Stack;
let observability: cdk.Stack | ReturnType<typeof observeShop>;
beforeEach(() => {
  app = new cdk.App();
  shop = new cdk.Stack(app, 'Shop', { env: { account: '111111111111', region: 'eu-central-1' } });
  observability = observeShop(shop, {
    tools: [{ name: 'checkout', provider: 'bank', alarms: {} }],
    settings: { probes: [{ name: 'web' }] },
  });
});

const ofCheckout = { service: 'shop', tool: 'checkout' };
const metric = (name: string, dimensionsMap: Record<string, string> = ofCheckout, namespace: string = NAMESPACE) =>
  new cloudwatch.Metric({ namespace, metricName: name, dimensionsMap });
const math = (expression: string, usingMetrics: Record<string, cloudwatch.IMetric> = {}) =>
  new cloudwatch.MathExpression({ expression, usingMetrics });
const alarmOn = (read: cloudwatch.IMetric, id = 'odd') =>
  new cloudwatch.Alarm(observability, id, { alarmName: id, metric: read, threshold: 1, evaluationPeriods: 1 });
const problems = (): string => {
  try {
    synthesizeApp(app);
    return '';
  } catch (error) {
    return String(error);
  }
};
const insights = (schema: string, where = "service = 'shop'") =>
  math(`SELECT AVG(error) FROM SCHEMA(${schema}) WHERE ${where} GROUP BY tool ORDER BY AVG() DESC`);

test('everything that the construct itself reads is written', () => {
  expect(problems()).toBe('');
});

describe('an alarm is refused, by name, when it reads', () => {
  test.each<[string, () => cloudwatch.IMetric, string]>([
    [
      'a metric of another name',
      () => metric('errors'),
      'The alarm odd reads the metric Toolwatch errors, which nobody writes.',
    ],
    [
      'a metric with one dimension more',
      () => metric(CALL_METRICS.error, { ...ofCheckout, version: '1' }),
      'reads error by service and tool and version, but it is written by service and tool.',
    ],
    [
      'a metric with one dimension less',
      () => metric(CALL_METRICS.error, { service: 'shop' }),
      'reads error by service, but',
    ],
    ['a metric without dimensions', () => metric(CALL_METRICS.error, {}), 'reads error by no dimension, but'],
    [
      'a tool without lines',
      () => metric('error', { service: 'shop', tool: 'refund' }),
      'of the tool refund, of which there are no lines',
    ],
    [
      'another service',
      () => metric('error', { service: 'store', tool: 'checkout' }),
      'of the service store, of which',
    ],
    [
      'a provider without lines',
      () => metric('dependency_error', { service: 'shop', provider: 'post' }),
      'of the provider post',
    ],
    [
      'a flag that no setting makes a metric',
      () => metric('caller_error'),
      'only with the setting alarms.callerFaultShift',
    ],
    [
      'what a stage writes that is not deployed',
      () => metric('completeness_pct', { service: 'shop' }),
      'reads completeness_pct, which shop-completeness writes, and that is not deployed here',
    ],
    [
      'one such metric among others',
      () => math('a + b', { a: metric('error'), b: metric('errors') }),
      'Toolwatch errors',
    ],
    [
      'a metric of AWS by a wrong name',
      () => metric('Error', { FunctionName: 'f' }, 'AWS/Lambda'),
      'AWS/Lambda Error, which nobody is known to write',
    ],
    [
      'a metric of AWS by a wrong dimension',
      () => metric('Errors', { Function: 'f' }, 'AWS/Lambda'),
      'AWS writes it by FunctionName',
    ],
    [
      'an alias',
      () => metric('Errors', { FunctionName: 'f:live' }, 'AWS/Lambda'),
      'of the FunctionName f:live, which is not such a name',
    ],
    ['another namespace', () => metric('x', {}, 'Shop'), 'reads the metric Shop x'],
    [
      'a query of a wrong metric',
      () => math('SELECT AVG(errors) FROM SCHEMA("Toolwatch", service, tool)'),
      'Toolwatch errors',
    ],
    ['a query by a wrong dimension', () => insights('"Toolwatch", service'), 'reads error by service, but'],
    [
      'a query of another service',
      () => insights('"Toolwatch", service, tool', "service = 'store'"),
      'of the service store',
    ],
    ['a query that is not understood', () => math('SELECT AVG(error)'), 'of which one cannot tell what it reads'],
    [
      'a search, which no alarm may',
      () => math(`SUM(SEARCH('{Toolwatch,service,tool} MetricName="errors"', 'Sum', 300))`),
      'The alarm odd searches, which no alarm may.',
    ],
  ])('%s', (_, read, sentence) => {
    alarmOn(read());
    expect(problems()).toContain(sentence);
  });

  test('the name of a resource that is not a function, or one in another region', () => {
    alarmOn(metric('Errors', { FunctionName: new sqs.Queue(shop, 'Q').queueName }, 'AWS/Lambda'), 'a');
    const other = new cdk.Stack(app, 'Other', {
      env: { account: '111111111111', region: 'us-east-1' },
      crossRegionReferences: true,
    });
    const remote = new lambda.Function(other, 'F', {
      functionName: 'f',
      code: lambda.Code.fromInline('0'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_22_X,
    });
    const { ref } = remote.node.defaultChild as lambda.CfnFunction;
    alarmOn(metric('Errors', { FunctionName: ref }, 'AWS/Lambda'), 'b');
    const found = findMetricProblems(observability, {
      service: 'shop',
      tools: [],
      providers: [],
      with: { callerFaultShift: false, jobs: false },
    });
    expect(found).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^The alarm a reads Errors of the FunctionName of Shop\/Q\/Resource, which is a AWS::SQS::Queue/,
        ),
        expect.stringMatching(/^The alarm b reads Errors of Other\/F\/Resource, which is in another region or account/),
      ]),
    );
  });

  test('an id that none of its metrics has', () => {
    new cloudwatch.CfnAlarm(observability, 'raw', {
      alarmName: 'raw',
      comparisonOperator: 'GreaterThanThreshold',
      evaluationPeriods: 1,
      threshold: 1,
      metrics: [
        {
          id: 'errors',
          metricStat: {
            stat: 'Sum',
            period: 60,
            metric: {
              namespace: NAMESPACE,
              metricName: 'error',
              dimensions: [
                { name: 'service', value: 'shop' },
                { name: 'tool', value: 'checkout' },
              ],
            },
          },
        },
        { id: 'share', expression: 'IF(errors > 3 AND calls > 0, errors, 0)' },
      ],
    });
    expect(problems()).toContain(
      'The alarm raw uses calls in "IF(errors > 3 AND calls > 0, errors, 0)", which is no id',
    );
  });
});

test('an alarm is accepted on what is written, of a tool, a probe or a provider', () => {
  alarmOn(metric('error'), 'a');
  alarmOn(metric('error', { service: 'shop', tool: 'probe/web' }), 'b');
  alarmOn(metric('dependency_error', { service: 'shop', provider: 'bank' }), 'c');
  alarmOn(insights('"Toolwatch", service, tool'), 'd');
  expect(problems()).toBe('');
});

test('a dashboard and an anomaly detector are refused in the same way', () => {
  new cloudwatch.Dashboard(observability, 'Board', {
    widgets: [
      [
        new cloudwatch.GraphWidget({
          left: [metric('errors'), math(`SEARCH('{Toolwatch,service} MetricName="error"', 'Sum', 300)`)],
        }),
      ],
    ],
  });
  new cloudwatch.CfnAnomalyDetector(observability, 'Detector', {
    namespace: NAMESPACE,
    metricName: 'slow',
    stat: 'Sum',
  });
  const found = problems();
  expect(found).toContain('The dashboard Shop/Observability/Board/Resource reads the metric Toolwatch errors');
  expect(found).toContain('reads error by service, but it is written by service and tool');
  expect(found).toContain('The anomaly detector Shop/Observability/Detector reads the metric Toolwatch slow');
});

test('a dashboard is refused when it shows an alarm that does not exist, also for one of the values to choose from', () => {
  const alarm = (name: string) =>
    cloudwatch.Alarm.fromAlarmArn(observability, name, `arn:aws:cloudwatch:eu-central-1:111111111111:alarm:${name}`);
  new cloudwatch.Dashboard(observability, 'Board', {
    variables: [
      new cloudwatch.DashboardVariable({
        id: 'tool',
        type: cloudwatch.VariableType.PATTERN,
        value: 'WHICH',
        inputType: cloudwatch.VariableInputType.SELECT,
        values: cloudwatch.Values.fromValues({ value: 'checkout' }, { value: 'refund' }),
      }),
    ],
    widgets: [
      [new cloudwatch.AlarmStatusWidget({ alarms: [alarm('shop/tool/checkout/slow'), alarm('shop/nonsense')] })],
      [new cloudwatch.AlarmWidget({ alarm: alarm('shop/tool/WHICH/failing') })],
      [new cloudwatch.GraphWidget({ left: [metric('error', { service: 'shop', tool: 'WHICH' })] })],
    ],
  });
  const found = problems();
  expect(found).toContain(
    'The dashboard Shop/Observability/Board/Resource shows the alarm shop/nonsense, which does not',
  );
  expect(found).toContain('shows the alarm shop/tool/refund/failing, which does not exist.');
  expect(found).toContain('reads error of the tool refund, of which there are no lines.');
  expect(found.match(/shows the alarm|of the tool/g)).toHaveLength(3);
});

test('a composite alarm is refused when it depends on an alarm that does not exist', () => {
  const composite = (id: string, alarmRule: string, suppressor?: string) =>
    new cloudwatch.CfnCompositeAlarm(observability, id, {
      alarmName: id,
      alarmRule,
      ...(suppressor ? { actionsSuppressor: suppressor } : {}),
    });
  composite('one', 'ALARM("shop/tool/checkout/gone") OR ALARM("shop/tool/checkout/slow")');
  composite('two', 'ALARM(shop/tool/checkout/failing)', 'gone');
  const { alarmArn } = alarmOn(metric('error'), 'other');
  composite('three', `ALARM("${alarmArn}") AND NOT OK("shop/tool/checkout/failing")`);
  const found = problems();
  expect(found).toContain('The alarm one depends on the alarm shop/tool/checkout/gone, which does not exist.');
  expect(found).toContain('The alarm two depends on the alarm gone, which does not exist.');
  expect(found.match(/depends on/g)).toHaveLength(2);
});

test('alarms of the app that are not ours are left alone', () => {
  new cloudwatch.Alarm(shop, 'Theirs', { metric: metric('x', {}, 'Shop'), threshold: 1, evaluationPeriods: 1 });
  expect(problems()).toBe('');
});
