import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { findResource, removePermission, removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { alarm, callOrder, errors, forwarded, invoke, OPERATOR } from '../support/through-cloud.ts';

/**
 * Each arrow of the picture is cut out of the template, and what follows is looked at: the arrow that broke is named, and
 * what it carried does not arrive.
 */
let table: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  table = await prepareTemplate();
});
afterAll(() => table?.clear());

const without: (typeof table)['without'] = (cut, look) => table.without(cut, look);
const untouched: TemplateEdit = () => {};

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
    await without(removePermission('toolwatch-gateway', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
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
    await without(
      removePermission('toolwatch-tool-order_status', 'logs:PutLogEvents'),
      async (cloud, { refusals, losses }) => {
        await callOrder(cloud);
        await expect.poll(() => losses.join()).toContain('a log line of toolwatch-tool-order_status is lost');
        expect(refusals[0]?.action).toBe('logs:PutLogEvents');
      },
    );
  });

  test('with an application level of WARN, calls that go well leave no line and no metric', async () => {
    const quieter = (resources: Parameters<TemplateEdit>[0]) => {
      const { Properties } = findResource(resources, 'AWS::Lambda::Function', '"toolwatch-tool-order_status"');
      (Properties.LoggingConfig as { ApplicationLogLevel: string }).ApplicationLogLevel = 'WARN';
    };
    await without(quieter, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => errors(cloud, 'tool-order_status')).toBe(0);
      expect(cloud.metrics.find('Toolwatch', 'error')).toEqual([]);
    });
  });

  test('with a log group of another class, the start stops', async () => {
    const cheaper = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::Logs::LogGroup', '/toolwatch/calls').Properties.LogGroupClass = 'INFREQUENT_ACCESS';
    };
    await expect(without(cheaper)).rejects.toThrow('feeds neither metrics nor subscriptions');
  });
});

describe('log → ingest', () => {
  test('without the permission of the log service, nothing is handed over and the delivery error is counted', async () => {
    await without(removeResource('AWS::Lambda::Permission'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      await expect.poll(() => forwarded(cloud, 'DeliveryErrors')).toBe(1);
      expect(refusals[0]).toMatchObject({ principal: 'logs.amazonaws.com', action: 'lambda:InvokeFunction' });
      expect(forwarded(cloud)).toBe(0);
    });
  });

  test('without the subscription filter, nothing reaches ingest', async () => {
    await without(removeResource('AWS::Logs::SubscriptionFilter'), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(errors(cloud, 'ingest')).toBeUndefined();
    });
  });

  test('with a filter for another schema, nothing reaches ingest', async () => {
    const another = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::Logs::SubscriptionFilter').Properties.FilterPattern =
        '{ $.schema = "toolwatch.v2" }';
    };
    await without(another, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(forwarded(cloud)).toBe(0);
    });
  });
});

describe('functions → database', () => {
  test('without ingest’s right to sign in, the database refuses it', async () => {
    await without(removePermission('toolwatch-ingest', 'rds-db:connect'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      const resource = expect.stringMatching(/\/toolwatch_writer$/);
      await expect.poll(() => refusals).toContainEqual(expect.objectContaining({ action: 'rds-db:connect', resource }));
    });
  });

  test('without IAM authentication switched on, the deployment fails', async () => {
    const off = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::RDS::DBInstance').Properties.EnableIAMDatabaseAuthentication = false;
    };
    await expect(without(off)).rejects.toThrow('PAM authentication failed');
  });

  test('without the opening of either security group, nobody gets through', async () => {
    const openings = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'];
    // Each takes as long as a client waits; so they wait together.
    await Promise.all(openings.map((type) => expect(without(removeResource(type))).rejects.toThrow(/timeout/i)));
  });

  test('without the right to hold an interface, a function in the network cannot be made', async () => {
    await expect(without(removePermission('toolwatch-api', 'ec2:CreateNetworkInterface'))).rejects.toThrow(
      'ec2:CreateNetworkInterface',
    );
  });
});

describe('ingest → bucket', () => {
  const failing =
    (also: TemplateEdit): TemplateEdit =>
    (resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
      }
      removePermission('toolwatch-ingest', 'rds-db:connect')(resources);
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
    await without(failing(removePermission('toolwatch-ingest', action)), async (cloud, { refusals, losses }) => {
      await callOrder(cloud);
      await expect.poll(() => losses.join()).toContain('could not be stored');
      expect(refusals.at(-1)?.action).toBe(action);
      expect(kept(cloud)).toBe(0);
    });
  });
});
