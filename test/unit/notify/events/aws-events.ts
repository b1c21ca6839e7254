/** What EventBridge sends of each kind that the notifier knows, as AWS documents it. */

const PLACE = { account: '123456789012', region: 'us-east-1', version: '0' };
const ALARM_ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:tool/order_status/failing';

/** `CloudFormation Stack Status Change`; `second` counts from 22:00:00. */
export const aStackEvent = (status: string, second = 0, stack = 'ToolwatchApp', reason = '') => {
  const arn = `arn:aws:cloudformation:us-east-1:123456789012:stack/${stack}/1c2fa620-982a-11e3-aff7-50e2416294e0`;
  return {
    ...PLACE,
    id: '1a1116583-8e44-4f2d-b6b3-ad3c8d9fbcd8',
    source: 'aws.cloudformation',
    'detail-type': 'CloudFormation Stack Status Change',
    time: new Date(Date.UTC(2026, 10, 20, 22, 0, second)).toISOString().replace('.000Z', 'Z'),
    resources: [arn],
    detail: {
      'stack-id': arn,
      'status-details': { status, 'status-reason': reason },
      'client-request-token': 'Console-UpdateStack-7f59c3cf-00d2-40c7-b2ff-e75db0987002',
    },
  };
};

/** `CodeDeploy Deployment State-change Notification` */
export const aShiftEvent = (state: string, second = 0, deploymentGroup = 'order_status') => ({
  ...PLACE,
  id: 'c071bfbf-83c4-49ca-a6ff-3df053957145',
  source: 'aws.codedeploy',
  'detail-type': 'CodeDeploy Deployment State-change Notification',
  time: new Date(Date.UTC(2026, 10, 20, 22, 0, second)).toISOString().replace('.000Z', 'Z'),
  resources: [
    'arn:aws:codedeploy:us-east-1:123456789012:application:toolwatch-tools',
    `arn:aws:codedeploy:us-east-1:123456789012:deploymentgroup:toolwatch-tools/${deploymentGroup}`,
  ],
  detail: {
    region: 'us-east-1',
    deploymentId: 'd-123456789',
    instanceGroupId: '9fd2fbef-2157-40d8-91e7-6845af69e2d2',
    application: 'toolwatch-tools',
    deploymentGroup,
    state,
  },
});

const state = {
  value: 'ALARM',
  reason: 'Threshold Crossed: 2 out of the last 3 datapoints were greater than the threshold (0.1).',
  reasonData: '{"version":"1.0","queryDate":"2026-11-20T22:14:03.120+0000"}',
  timestamp: '2026-11-20T22:14:03.120+0000',
};
const configuration = {
  description: 'order_status fails too often.\nSeverity: warning. Owner: shop.',
  metrics: [
    {
      id: '3bfa85f3-9e9f-2b0d-8b5c-6f3c2a4d1e0f',
      metricStat: { metric: { namespace: 'Toolwatch', name: 'error', dimensions: {} }, period: 300, stat: 'Average' },
      returnData: true,
    },
  ],
};

/** Changes of alarms, by kind. */
export const ALARM_EVENTS = {
  metric: {
    ...PLACE,
    id: '2dde0eb1-528b-d2d5-9ca6-6d590caf2329',
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    time: '2026-11-20T22:14:03Z',
    resources: [ALARM_ARN],
    detail: {
      alarmName: 'tool/order_status/failing',
      configuration,
      state,
      previousState: { ...state, value: 'OK' },
    },
  },
  composite: {
    ...PLACE,
    id: 'd3dfc86d-384d-24c8-0345-9f7986db0b80',
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    time: '2026-11-20T22:14:03Z',
    resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:pipeline/store-down'],
    detail: {
      alarmName: 'pipeline/store-down',
      configuration: { alarmRule: 'ALARM(a) AND ALARM(b)', actionsSuppressorWaitPeriod: 120, description: 'x' },
      state: { ...state, actionsSuppressedBy: 'WaitPeriod', actionsSuppressedReason: 'Actions suppressed' },
      previousState: { ...state, value: 'OK' },
    },
  },
  contributor: {
    ...PLACE,
    id: '8a5dd5ae-3ec4-4f5b-9e5b-0c3a8a1f3d11',
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm Contributor State Change',
    time: '2026-11-20T22:14:03Z',
    resources: ['arn:aws:cloudwatch:us-east-1:123456789012:alarm:tools/trickle'],
    detail: {
      alarmName: 'tools/trickle',
      alarmContributor: { id: '6d442278dba546f6', attributes: { tool: 'order_status' } },
      state,
      configuration,
    },
  },
  invocation: {
    source: 'aws.cloudwatch',
    alarmArn: ALARM_ARN,
    accountId: '123456789012',
    time: '2026-11-20T22:14:03.120+0000',
    region: 'us-east-1',
    alarmData: {
      alarmName: 'tool/order_status/failing',
      state,
      previousState: { value: 'OK', reason: 'all is well', timestamp: '2026-11-20T20:14:03.120+0000' },
      configuration,
    },
  },
} as const;
