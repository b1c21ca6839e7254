import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificate } from '../../local/certificate.ts';
import { realClock } from '../../local/clock.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import type { Refusal } from '../../local/iam.ts';
import { startPager } from '../../local/pager.ts';
import { poster } from '../../local/post.ts';
import { makeDatabase, startPostgres } from '../../local/postgres.ts';
import { localSettings } from '../../local/settings.ts';
import { startShop } from '../../local/shop.ts';
import type { Delivery } from '../../local/sns.ts';
import { synthesize } from '../../local/synthesize.ts';
import type { Assembly, Template } from '../../local/template.ts';
import { root } from '../support/source-files.ts';
import { PLACE } from '../support/tiny-cloud.ts';

/**
 * Each arrow of the picture is taken out of the template, and what follows is looked at: the arrow that broke is named,
 * and what it carried does not arrive.
 */
type Resources = Template['Resources'];

const OPERATOR = { person: 'operator' };
let folder: string;
let assembly: Assembly;
let certificate: Awaited<ReturnType<typeof makeCertificate>>;
let postgres: Awaited<ReturnType<typeof startPostgres>>;
const ends: (() => unknown)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'toolwatch-arrows-'));
  chmodSync(folder, 0o755);
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0 });
  ends.push(postgres.stop);
  await makeDatabase(postgres);
  certificate = await makeCertificate();
  const pager = await startPager(certificate);
  const shop = await startShop();
  ends.push(pager.stop, shop.close);
  const settings = localSettings(join(root, 'cdk.json'), { shopUrl: shop.url, pagerUrl: pager.url });
  assembly = synthesize({ ...settings, topicEncryption: 'key' }, join(folder, 'cdk.out'));
});
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

interface Told {
  refusals: Refusal[];
  deliveries: Delivery[];
  losses: string[];
}

/** Runs the template as `change` leaves it, and ends it after `look`. */
const without = async <T>(
  change: (resources: Resources) => void,
  look: (cloud: Cloud, told: Told) => Promise<T>,
): Promise<T> => {
  const stacks = structuredClone(assembly.stacks);
  change(Object.assign({}, ...stacks.map(({ template }) => template.Resources)));
  for (const { template } of stacks) {
    for (const [id, resource] of Object.entries(template.Resources)) {
      if ((resource as { gone?: boolean }).gone) delete template.Resources[id];
    }
  }
  const told: Told = { refusals: [], deliveries: [], losses: [] };
  const cloud = await startCloud({
    place: PLACE,
    clock: realClock(),
    assembly: { ...assembly, stacks },
    folder: mkdtempSync(join(folder, 'run-')),
    certificate,
    serverUrl: postgres.url,
    post: poster(certificate.cert),
    onTransition: () => {},
    onDelivery: (one) => told.deliveries.push(one),
    onRefusal: (one) => told.refusals.push(one),
    onLoss: (one) => told.losses.push(one),
  });
  try {
    return await look(cloud, told);
  } finally {
    await cloud.stop();
  }
};

const find = (resources: Resources, type: string, what: (json: string) => boolean = () => true) => {
  const found = Object.entries(resources).filter(
    ([id, one]) => one.Type === type && what(`${id} ${JSON.stringify(one.Properties)}`),
  );
  if (found.length !== 1) throw new Error(`${found.length} of ${type}`);
  return (found[0] as [string, Resources[string]])[1];
};
const remove = (type: string, what?: (json: string) => boolean) => (resources: Resources) => {
  Object.assign(find(resources, type, what), { gone: true });
};

interface Statement {
  Sid?: string;
  Action: string | string[];
}
/** Takes the statement away that speaks of an action in the role (or policy) of a resource. */
const removeStatement = (type: string, of: string, action: string) => (resources: Resources) => {
  const { Properties } = find(resources, type, (json) => json.startsWith(of));
  const policies = (Properties.Policies ?? [Properties]) as {
    PolicyDocument?: { Statement: Statement[] };
    KeyPolicy?: { Statement: Statement[] };
  }[];
  for (const { PolicyDocument, KeyPolicy } of policies) {
    const document = PolicyDocument ?? KeyPolicy;
    if (!document) continue;
    const kept = document.Statement.filter(
      (one) => !([one.Action].flat().includes(action) && (one as { Effect?: string }).Effect === 'Allow'),
    );
    if (kept.length === document.Statement.length) throw new Error(`${of} has no statement about ${action}`);
    document.Statement = kept;
  }
};
const fromRole = (of: string, action: string) => removeStatement('AWS::IAM::Role', of, action);

const invoke = async (cloud: Cloud, name: string, event: unknown = {}) =>
  cloud.lambda.invoke({ principal: OPERATOR, function: `toolwatch-${name}`, event: JSON.stringify(event) });

/** The event of an MCP call, as the gateway's Function URL would make it. */
const toolCall = (name: string, args: object) => ({
  version: '2.0',
  rawPath: '/mcp',
  rawQueryString: '',
  headers: {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2025-11-25',
  },
  requestContext: { domainName: 'local', http: { method: 'POST' } },
  body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }),
  isBase64Encoded: false,
});
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
const untouched = () => {};

test('whole, it carries a call to the database and an alarm to everybody, and refuses nothing', async () => {
  await without(untouched, async (cloud, { refusals, deliveries, losses }) => {
    const { payload } = await callOrder(cloud);
    expect(JSON.parse(payload).statusCode).toBe(200);
    await expect.poll(() => forwarded(cloud)).toBe(1);
    await expect.poll(() => errors(cloud, 'ingest'), { timeout: 5_000 }).toBe(0);
    expect((await invoke(cloud, 'refresh')).failed).toBe(false);
    expect((await invoke(cloud, 'retention')).failed).toBe(false);
    alarm(cloud);
    await expect.poll(() => new Set(deliveries.map(({ protocol }) => protocol))).toEqual(new Set(['email', 'https']));
    expect([refusals, losses]).toEqual([[], []]);
  });
});

describe('gateway → tool', () => {
  test('without the gateway’s right to call tools, the call fails and the refusal names it', async () => {
    await without(fromRole('GatewayRole', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
      const { payload } = await callOrder(cloud);
      expect(JSON.parse(JSON.parse(payload).body).result.isError).toBe(true);
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
    await without(fromRole('ToolorderstatusRole', 'logs:PutLogEvents'), async (cloud, { refusals, losses }) => {
      await callOrder(cloud);
      await expect.poll(() => losses.join()).toContain('a line of toolwatch-tool-order_status is lost');
      expect(refusals[0]?.action).toBe('logs:CreateLogStream');
    });
  });

  test('with an application level of WARN, calls that go well leave no line and no metric', async () => {
    const quieter = (resources: Resources) => {
      const { Properties } = find(resources, 'AWS::Lambda::Function', (json) =>
        json.startsWith('ToolorderstatusFunction'),
      );
      (Properties.LoggingConfig as { ApplicationLogLevel: string }).ApplicationLogLevel = 'WARN';
    };
    await without(quieter, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => errors(cloud, 'tool-order_status')).toBe(0);
      expect(cloud.metrics.find('Toolwatch', 'error')).toEqual([]);
    });
  });

  test('with a log group of another class, the start stops', async () => {
    const cheaper = (resources: Resources) => {
      find(resources, 'AWS::Logs::LogGroup', (json) => json.startsWith('Calls')).Properties.LogGroupClass =
        'INFREQUENT_ACCESS';
    };
    await expect(without(cheaper, async () => {})).rejects.toThrow('feeds neither metrics nor subscriptions');
  });
});

describe('log → ingest', () => {
  test('without the permission of the log service, nothing is handed over and the delivery error is counted', async () => {
    await without(remove('AWS::Lambda::Permission'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      await expect.poll(() => forwarded(cloud, 'DeliveryErrors')).toBe(1);
      expect(refusals[0]).toMatchObject({ principal: 'logs.amazonaws.com', action: 'lambda:InvokeFunction' });
      expect(forwarded(cloud)).toBe(0);
    });
  });

  test('without the subscription filter, nothing reaches ingest', async () => {
    await without(remove('AWS::Logs::SubscriptionFilter'), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(errors(cloud, 'ingest')).toBeUndefined();
    });
  });

  test('with a filter for another schema, nothing reaches ingest', async () => {
    const another = (resources: Resources) => {
      find(resources, 'AWS::Logs::SubscriptionFilter').Properties.FilterPattern = '{ $.schema = "toolwatch.v2" }';
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
    ['ingest', 'IngestRole', 'toolwatch_writer'],
    ['refresh', 'RefreshRole', 'toolwatch_refresher'],
    ['retention', 'RetentionRole', 'toolwatch_retention'],
    ['api', 'ApiRole', 'toolwatch_reader'],
  ])('without %s’s right to sign in, the database refuses it', async (_, role, user) => {
    await without(fromRole(role, 'rds-db:connect'), async (cloud, { refusals }) => {
      const envelope = {
        requestContext: { http: { method: 'GET' }, domainName: 'local' },
        rawPath: '/v1/tools',
        rawQueryString: '',
        headers: {},
      };
      if (role === 'IngestRole') await callOrder(cloud);
      else await invoke(cloud, role.replace('Role', '').toLowerCase(), envelope);
      await expect
        .poll(() => refusals, { timeout: 5_000 })
        .toContainEqual(
          expect.objectContaining({
            action: 'rds-db:connect',
            resource: expect.stringMatching(new RegExp(`/${user}$`)),
          }),
        );
    });
  });

  test('without migrate’s right to sign in, the deployment fails', async () => {
    await expect(without(fromRole('MigrateRole', 'rds-db:connect'), async () => {})).rejects.toThrow(
      'PAM authentication failed',
    );
  });

  test('without IAM authentication switched on, the deployment fails', async () => {
    const off = (resources: Resources) => {
      find(resources, 'AWS::RDS::DBInstance').Properties.EnableIAMDatabaseAuthentication = false;
    };
    await expect(without(off, async () => {})).rejects.toThrow('PAM authentication failed');
  });

  test.each(['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'])(
    'without the %s, nobody gets through',
    async (type) => {
      await expect(without(remove(type), async () => {})).rejects.toThrow(/timeout/i);
    },
  );

  test('without the right to hold an interface, a function in the network cannot be made', async () => {
    await expect(without(fromRole('ApiRole', 'ec2:CreateNetworkInterface'), async () => {})).rejects.toThrow(
      'ec2:CreateNetworkInterface',
    );
  });
});

describe('deployment → migrate', () => {
  test('without the trigger’s right to call it, the deployment fails', async () => {
    const change = fromRole('AWSCDKTriggerCustomResourceProvider', 'lambda:InvokeFunction');
    await expect(without(change, async () => {})).rejects.toThrow('lambda:InvokeFunction');
  });
});

describe('ingest → bucket', () => {
  const failing = (also: (resources: Resources) => void) => (resources: Resources) => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
    }
    fromRole('IngestRole', 'rds-db:connect')(resources);
    also(resources);
  };
  const kept = (cloud: Cloud) => cloud.s3.list(OPERATOR, cloud.s3.buckets()[0] ?? '').length;

  test('keeps what cannot be stored', async () => {
    await without(failing(untouched), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => kept(cloud), { timeout: 10_000 }).toBe(1);
    });
  });

  test.each(['s3:PutObject', 's3:ListBucket'])('without %s, it is lost and that is said', async (action) => {
    await without(failing(fromRole('IngestRole', action)), async (cloud, { refusals, losses }) => {
      await callOrder(cloud);
      await expect.poll(() => losses.join(), { timeout: 10_000 }).toContain('could not be kept');
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
      await expect.poll(() => errors(cloud, 'refresh'), { timeout: 5_000 }).toBe(0);
    });
  });

  test('without the schedule’s right to start it, the start lies in the queue', async () => {
    await without(fromRole('RefreshScheduleRole', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
      cloud.start();
      await expect.poll(() => missed(cloud)).toBe(1);
      expect(refusals[0]?.principal).toContain('RefreshScheduleRole');
    });
  });

  test('without its right to the queue either, the start is lost and refused twice', async () => {
    const change = (resources: Resources) => {
      fromRole('RefreshScheduleRole', 'lambda:InvokeFunction')(resources);
      fromRole('RefreshScheduleRole', 'sqs:SendMessage')(resources);
    };
    await without(change, async (cloud, { refusals }) => {
      cloud.start();
      await expect
        .poll(() => refusals.map(({ action }) => action))
        .toEqual(['lambda:InvokeFunction', 'sqs:SendMessage']);
    });
  });

  test('without the trust of its role, nothing starts', async () => {
    const distrust = (resources: Resources) => {
      const { Properties } = find(resources, 'AWS::IAM::Role', (json) => json.startsWith('RefreshScheduleRole'));
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
    await without(fromRole('ToolrecentfailuresRole', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
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
      removeStatement('AWS::SNS::TopicPolicy', 'TopicsWarning', 'sns:Publish'),
      'sns:Publish',
    ],
    [
      'the key’s statement for alarms',
      removeStatement('AWS::KMS::Key', 'TopicsKey', 'kms:Decrypt'),
      'kms:GenerateDataKey',
    ],
  ])('without %s, nobody is told, and that is said', async (_, change, action) => {
    await without(change, async (cloud, { refusals, deliveries, losses }) => {
      alarm(cloud);
      expect(losses.join()).toContain('an alarm told nobody');
      expect(refusals).toContainEqual(expect.objectContaining({ principal: 'cloudwatch.amazonaws.com', action }));
      expect(deliveries.filter(({ topic }) => topic.includes('Warning'))).toEqual([]);
    });
  });

  test('without the subscription of the pager, only the inbox is told', async () => {
    await without(
      remove('AWS::SNS::Subscription', (json) => json.includes('https')),
      async (cloud, { deliveries }) => {
        alarm(cloud);
        await expect.poll(() => deliveries.length).toBeGreaterThan(0);
        expect(new Set(deliveries.map(({ protocol }) => protocol))).toEqual(new Set(['email']));
      },
    );
  });

  test('without the alarm’s action, nobody is told of it', async () => {
    const mute = (resources: Resources) => {
      find(resources, 'AWS::CloudWatch::Alarm', (json) =>
        json.includes('"pipeline/telemetry-dropped"'),
      ).Properties.AlarmActions = [];
    };
    await without(mute, async (cloud, { deliveries }) => {
      alarm(cloud);
      await expect.poll(() => deliveries.length).toBeGreaterThan(0);
      expect(deliveries.filter(({ subject }) => subject.startsWith('ALARM: "pipeline/telemetry-dropped"'))).toEqual([]);
    });
  });
});
