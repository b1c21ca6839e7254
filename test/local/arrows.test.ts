import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { allowance, type Cut, operatingTable, resource, right, theOne } from '../support/operating-table.ts';

/**
 * Each arrow of the picture is cut out of the template, and what follows is looked at: the arrow that broke is named, and
 * what it carried does not arrive.
 */
const OPERATOR = { person: 'operator' };
let table: Awaited<ReturnType<typeof operatingTable>>;
beforeAll(async () => {
  table = await operatingTable();
});
afterAll(() => table?.clear());

const without: (typeof table)['without'] = (cut, look) => table.without(cut, look);
const untouched: Cut = () => {};

const invoke = async (cloud: Cloud, name: string, event: unknown = {}) =>
  cloud.lambda.invoke({ principal: OPERATOR, function: `toolwatch-${name}`, event: JSON.stringify(event) });

/** A request as a Function URL hands it to its function. */
const request = (method: string, rawPath: string, body?: object) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath,
  rawQueryString: '',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  requestContext: {
    domainName: 'local',
    http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'test' },
    requestId: 'test',
    stage: '$default',
    timeEpoch: 0,
  },
  ...(body && { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});
const toolCall = (name: string, args: object) =>
  request('POST', '/mcp', { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } });
const callOrder = (cloud: Cloud) => invoke(cloud, 'gateway', toolCall('order_status', { order_id: 'A-1042' }));
const forwarded = (cloud: Cloud, name = 'ForwardedLogEvents') =>
  cloud.metrics.statistic(
    {
      namespace: 'AWS/Logs',
      name,
      dimensions: { LogGroupName: '/toolwatch/calls', DestinationType: 'Lambda', FilterName: 'calls' },
    },
    'Sum',
    0,
    Date.now() + 60_000,
  )?.value ?? 0;
const errors = (cloud: Cloud, name: string) =>
  cloud.metrics.statistic(
    { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: `toolwatch-${name}` } },
    'Sum',
    0,
    Date.now() + 60_000,
  )?.value;
const alarm = (cloud: Cloud) => {
  cloud.metrics.put({ namespace: 'Toolwatch', name: 'telemetry_dropped', dimensions: { service: 'toolwatch' } }, 5);
  cloud.alarms.judgeAll((Math.floor(Date.now() / 60_000) + 2) * 60_000);
};

test('whole, it carries a call to the database and an alarm to everybody, and refuses nothing', async () => {
  await without(untouched, async (cloud, { refusals, deliveries, losses }) => {
    const { payload } = await callOrder(cloud);
    expect(JSON.parse(payload).statusCode).toBe(200);
    await expect.poll(() => forwarded(cloud)).toBe(1);
    await expect.poll(() => errors(cloud, 'ingest')).toBe(0);
    expect((await invoke(cloud, 'refresh')).failed).toBe(false);
    expect((await invoke(cloud, 'retention')).failed).toBe(false);
    alarm(cloud);
    await expect.poll(() => new Set(deliveries.map(({ protocol }) => protocol))).toEqual(new Set(['email', 'https']));
    expect([refusals, losses]).toEqual([[], []]);
  });
});

describe('gateway → tool', () => {
  test('without the gateway’s right to call tools, the call fails and the refusal names it', async () => {
    await without(right('toolwatch-gateway', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
      const { payload } = await callOrder(cloud);
      expect(JSON.parse(payload).body).toContain('"isError":true');
      expect(refusals).toContainEqual(
        expect.objectContaining({
          principal: expect.stringContaining('GatewayRole'),
          action: 'lambda:InvokeFunction',
          resource: expect.stringContaining('toolwatch-tool-order_status'),
        }),
      );
    });
  });
});

describe('tool → log', () => {
  test('without the tool’s right to write its log, its line is lost and that is said', async () => {
    await without(right('toolwatch-tool-order_status', 'logs:PutLogEvents'), async (cloud, { refusals, losses }) => {
      await callOrder(cloud);
      await expect.poll(() => losses.join()).toContain('a line of toolwatch-tool-order_status is lost');
      expect(refusals[0]?.action).toBe('logs:CreateLogStream');
    });
  });

  test('with an application level of WARN, calls that go well leave no line and no metric', async () => {
    const quieter = (resources: Parameters<Cut>[0]) => {
      const { Properties } = theOne(resources, 'AWS::Lambda::Function', '"toolwatch-tool-order_status"');
      (Properties.LoggingConfig as { ApplicationLogLevel: string }).ApplicationLogLevel = 'WARN';
    };
    await without(quieter, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => errors(cloud, 'tool-order_status')).toBe(0);
      expect(cloud.metrics.find('Toolwatch', 'error')).toEqual([]);
    });
  });

  test('with a log group of another class, the start stops', async () => {
    const cheaper = (resources: Parameters<Cut>[0]) => {
      theOne(resources, 'AWS::Logs::LogGroup', '/toolwatch/calls').Properties.LogGroupClass = 'INFREQUENT_ACCESS';
    };
    await expect(without(cheaper)).rejects.toThrow('feeds neither metrics nor subscriptions');
  });
});

describe('log → ingest', () => {
  test('without the permission of the log service, nothing is handed over and the delivery error is counted', async () => {
    await without(resource('AWS::Lambda::Permission'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      await expect.poll(() => forwarded(cloud, 'DeliveryErrors')).toBe(1);
      expect(refusals[0]).toMatchObject({ principal: 'logs.amazonaws.com', action: 'lambda:InvokeFunction' });
      expect(forwarded(cloud)).toBe(0);
    });
  });

  test('without the subscription filter, nothing reaches ingest', async () => {
    await without(resource('AWS::Logs::SubscriptionFilter'), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(errors(cloud, 'ingest')).toBeUndefined();
    });
  });

  test('with a filter for another schema, nothing reaches ingest', async () => {
    const another = (resources: Parameters<Cut>[0]) => {
      theOne(resources, 'AWS::Logs::SubscriptionFilter').Properties.FilterPattern = '{ $.schema = "toolwatch.v2" }';
    };
    await without(another, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(forwarded(cloud)).toBe(0);
    });
  });
});

describe('functions → database', () => {
  test.each([
    ['ingest', callOrder, 'toolwatch_writer'],
    ['refresh', (cloud: Cloud) => invoke(cloud, 'refresh'), 'toolwatch_refresher'],
    ['retention', (cloud: Cloud) => invoke(cloud, 'retention'), 'toolwatch_retention'],
    ['api', (cloud: Cloud) => invoke(cloud, 'api', request('GET', '/v1/tools')), 'toolwatch_reader'],
  ])('without %s’s right to sign in, the database refuses it', async (name, use, user) => {
    await without(right(`toolwatch-${name}`, 'rds-db:connect'), async (cloud, { refusals }) => {
      await use(cloud);
      const resource = expect.stringMatching(new RegExp(`/${user}$`));
      await expect.poll(() => refusals).toContainEqual(expect.objectContaining({ action: 'rds-db:connect', resource }));
    });
  });

  test('without migrate’s right to sign in, the deployment fails', async () => {
    await expect(without(right('toolwatch-migrate', 'rds-db:connect'))).rejects.toThrow('PAM authentication failed');
  });

  test('without IAM authentication switched on, the deployment fails', async () => {
    const off = (resources: Parameters<Cut>[0]) => {
      theOne(resources, 'AWS::RDS::DBInstance').Properties.EnableIAMDatabaseAuthentication = false;
    };
    await expect(without(off)).rejects.toThrow('PAM authentication failed');
  });

  test.each(['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'])(
    'without the %s, nobody gets through',
    async (type) => {
      await expect(without(resource(type))).rejects.toThrow(/timeout/i);
    },
  );

  test('without the right to hold an interface, a function in the network cannot be made', async () => {
    await expect(without(right('toolwatch-api', 'ec2:CreateNetworkInterface'))).rejects.toThrow(
      'ec2:CreateNetworkInterface',
    );
  });
});

describe('deployment → migrate', () => {
  test('without the trigger’s right to call it, the deployment fails', async () => {
    const change = allowance('AWS::IAM::Role', 'AWSCDKTriggerCustomResourceProvider', 'lambda:InvokeFunction');
    await expect(without(change)).rejects.toThrow('lambda:InvokeFunction');
  });
});

describe('ingest → bucket', () => {
  const failing =
    (also: Cut): Cut =>
    (resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
      }
      right('toolwatch-ingest', 'rds-db:connect')(resources);
      also(resources);
    };
  const kept = (cloud: Cloud) => cloud.s3.list(OPERATOR, cloud.s3.buckets()[0] ?? '').length;

  test('keeps what cannot be stored', async () => {
    await without(failing(untouched), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => kept(cloud)).toBe(1);
    });
  });

  test.each(['s3:PutObject', 's3:ListBucket'])('without %s, it is lost and that is said', async (action) => {
    await without(failing(right('toolwatch-ingest', action)), async (cloud, { refusals, losses }) => {
      await callOrder(cloud);
      await expect.poll(() => losses.join()).toContain('could not be kept');
      expect(refusals.at(-1)?.action).toBe(action);
      expect(kept(cloud)).toBe(0);
    });
  });
});

describe('schedule → refresh', () => {
  const missed = (cloud: Cloud) => Object.values(cloud.sqs.report()).flat().length;

  test('starts it', async () => {
    await without(untouched, async (cloud) => {
      cloud.start();
      await expect.poll(() => errors(cloud, 'refresh')).toBe(0);
    });
  });

  test('without the schedule’s right to start it, the start lies in the queue', async () => {
    await without(
      allowance('AWS::IAM::Role', 'RefreshScheduleRole', 'lambda:InvokeFunction'),
      async (cloud, { refusals }) => {
        cloud.start();
        await expect.poll(() => missed(cloud)).toBe(1);
        expect(refusals[0]?.principal).toContain('RefreshScheduleRole');
      },
    );
  });

  test('without its right to the queue either, the start is lost and refused twice', async () => {
    const change = (resources: Parameters<Cut>[0]) => {
      allowance('AWS::IAM::Role', 'RefreshScheduleRole', 'lambda:InvokeFunction')(resources);
      allowance('AWS::IAM::Role', 'RefreshScheduleRole', 'sqs:SendMessage')(resources);
    };
    await without(change, async (cloud, { refusals }) => {
      cloud.start();
      await expect
        .poll(() => refusals.map(({ action }) => action))
        .toEqual(['lambda:InvokeFunction', 'sqs:SendMessage']);
    });
  });

  test('without the trust of its role, nothing starts', async () => {
    const distrust = (resources: Parameters<Cut>[0]) => {
      const { Properties } = theOne(resources, 'AWS::IAM::Role', 'RefreshScheduleRole');
      (Properties.AssumeRolePolicyDocument as { Statement: unknown[] }).Statement = [];
    };
    await without(distrust, async (cloud, { refusals }) => {
      cloud.start();
      await expect.poll(() => refusals[0]?.action).toBe('sts:AssumeRole');
    });
  });
});

describe('tool → api', () => {
  test('without the tool’s right to ask the api, it has no answer', async () => {
    await without(right('toolwatch-tool-recent_failures', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
      await invoke(cloud, 'gateway', toolCall('recent_failures', {}));
      expect(refusals[0]).toMatchObject({
        action: 'lambda:InvokeFunction',
        resource: expect.stringMatching(/toolwatch-api$/),
      });
    });
  });
});

describe('alarm → topic → people', () => {
  test.each([
    [
      'the topic’s statement for alarms',
      allowance('AWS::SNS::TopicPolicy', 'TopicsWarning', 'sns:Publish'),
      'sns:Publish',
    ],
    ['the key’s statement for alarms', allowance('AWS::KMS::Key', 'TopicsKey', 'kms:Decrypt'), 'kms:GenerateDataKey'],
  ])('without %s, nobody is told, and that is said', async (_, change, action) => {
    await without(change, async (cloud, { refusals, deliveries, losses }) => {
      alarm(cloud);
      expect(losses.join()).toContain('an alarm told nobody');
      expect(refusals).toContainEqual(expect.objectContaining({ principal: 'cloudwatch.amazonaws.com', action }));
      expect(deliveries.filter(({ topic }) => topic.includes('Warning'))).toEqual([]);
    });
  });

  test('without the subscription of the pager, only the inbox is told', async () => {
    await without(resource('AWS::SNS::Subscription', '"https"'), async (cloud, { deliveries }) => {
      alarm(cloud);
      await expect.poll(() => deliveries.length).toBeGreaterThan(0);
      expect(new Set(deliveries.map(({ protocol }) => protocol))).toEqual(new Set(['email']));
    });
  });

  test('without the alarm’s action, nobody is told of it', async () => {
    const mute = (resources: Parameters<Cut>[0]) => {
      theOne(resources, 'AWS::CloudWatch::Alarm', '"pipeline/telemetry-dropped"').Properties.AlarmActions = [];
    };
    await without(mute, async (cloud, { deliveries }) => {
      alarm(cloud);
      await expect.poll(() => deliveries.length).toBeGreaterThan(0);
      expect(deliveries.filter(({ subject }) => subject.startsWith('ALARM: "pipeline/telemetry-dropped"'))).toEqual([]);
    });
  });
});
