/** The notification of each kind of alarm, as documented under "Notifying users on alarm changes". */

const head = {
  AlarmName: 'tool/order_status/failing',
  AlarmDescription: 'More than 5 % of calls fail.\nSeverity: critical. Owner: shop.\nRunbook: docs/runbook.md#tool',
  AWSAccountId: '000000000000',
  AlarmConfigurationUpdatedTimestamp: '2026-11-20T20:00:00.000+0000',
  NewStateValue: 'ALARM',
  NewStateReason: 'Threshold Crossed: 2 out of the last 4 datapoints were greater than the threshold (0.05).',
  StateChangeTime: '2026-11-20T22:14:03.120+0000',
  Region: 'US East (N. Virginia)',
  AlarmArn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:tool/order_status/failing',
  OldStateValue: 'OK',
  OKActions: ['arn:aws:sns:us-east-1:000000000000:inbox-critical'],
  AlarmActions: ['arn:aws:sns:us-east-1:000000000000:inbox-critical'],
  InsufficientDataActions: [],
};

const metric = {
  ...head,
  Trigger: {
    MetricName: 'error',
    Namespace: 'Toolwatch',
    StatisticType: 'Statistic',
    Statistic: 'AVERAGE',
    Unit: null,
    Dimensions: [{ value: 'order_status', name: 'tool' }],
    Period: 300,
    EvaluationPeriods: 4,
    DatapointsToAlarm: 2,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0.05,
    TreatMissingData: 'notBreaching',
    EvaluateLowSampleCountPercentile: '',
  },
};

const expression = {
  ...head,
  Trigger: {
    Period: 300,
    EvaluationPeriods: 4,
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: 0.05,
    TreatMissingData: 'notBreaching',
    Metrics: [
      { Id: 'expr_1', Expression: 'errors / calls', Label: 'error rate', ReturnData: true },
      {
        Id: 'errors',
        MetricStat: {
          Metric: {
            Dimensions: [{ value: 'order_status', name: 'tool' }],
            MetricName: 'error',
            Namespace: 'Toolwatch',
          },
          Period: 300,
          Stat: 'Sum',
        },
        ReturnData: false,
      },
    ],
  },
};

const contributor = {
  ...head,
  AlarmName: 'fleet/failing',
  AlarmContributorId: '6d442278dba546f6',
  AlarmContributorAttributes: { tool: 'order_status' },
};

const composite = {
  ...head,
  AlarmName: 'pipeline/store-down',
  AlarmRule: 'ALARM("pipeline/ingest-failing") AND ALARM("pipeline/api-failing")',
  TriggeringChildren: [
    {
      Arn: 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:pipeline/ingest-failing',
      State: { Value: 'ALARM', Timestamp: '2026-11-20T22:13:03.120+0000' },
    },
  ],
};

const log = {
  ...head,
  AlarmName: 'tool/order_status/logged',
  LogGroups: ['/toolwatch/calls'],
  QueryString: 'fields @message | filter success = 0',
  LogLines: Array.from({ length: 50 }, (_, at) => ({ message: `line ${at} ${'x'.repeat(4_000)}` })),
};

const anomaly = {
  ...head,
  Trigger: { ...expression.Trigger, ThresholdMetricId: 'band', Threshold: undefined },
};

export const ALARM_NOTIFICATIONS = { metric, expression, contributor, composite, log, anomaly } as const;

export const INBOX_TOPIC = {
  critical: 'arn:aws:sns:us-east-1:000000000000:inbox-critical',
  warning: 'arn:…:inbox-warning',
};

/** A message of the queue, as SNS wraps it. */
export const anEnvelope = (message: string, topic: string = INBOX_TOPIC.critical): string =>
  JSON.stringify({
    Type: 'Notification',
    MessageId: 'a',
    TopicArn: topic,
    Subject: 'ALARM: "a" in US East (N. Virginia)',
    Message: message,
    Timestamp: '2026-11-20T22:14:04.000Z',
    SignatureVersion: '1',
  });
