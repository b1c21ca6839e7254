import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import { findResource, removePermission, removeResource, type TemplateEdit } from '../../local/template-edits.ts';
import { shortenWindows } from '../support/notifier.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import {
  bucketNamed,
  callOrder,
  countErrors,
  countForwarded,
  fireAlarm,
  fireCriticalAlarm,
  invoke,
  OPERATOR,
} from '../support/through-cloud.ts';

/**
 * Each connection of the flow is broken by a template edit, and what follows is checked: the broken connection is
 * named, and what should pass through it does not arrive.
 */
let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(() => template?.clear());

const withEdit: (typeof template)['withEdit'] = (edit, check) => template.withEdit(edit, check);
const unchanged: TemplateEdit = () => {};

test('the unchanged template stores a call and notifies every recipient, and nothing is refused', async () => {
  await withEdit(shortenWindows, async (cloud, { refusals, deliveries, losses }) => {
    const { payload } = await callOrder(cloud);
    expect(JSON.parse(payload).statusCode).toBe(200);
    await expect.poll(() => countForwarded(cloud)).toBe(1);
    await expect.poll(() => countErrors(cloud, 'ingest')).toBe(0);
    expect((await invoke(cloud, 'refresh')).failed).toBe(false);
    expect((await invoke(cloud, 'retention')).failed).toBe(false);
    fireCriticalAlarm(cloud);
    fireAlarm(cloud);
    const notified = async () => {
      await invoke(cloud, 'notify');
      return new Set(
        deliveries.flatMap(({ protocol, endpoint, subject }) =>
          subject.startsWith('ALARM: ') && protocol !== 'sqs' ? [protocol === 'email' ? endpoint : protocol] : [],
        ),
      );
    };
    await expect.poll(notified).toEqual(new Set(['oncall@example.com', 'https', 'tools@example.com']));
    expect([refusals, losses]).toEqual([[], []]);
  });
});

describe('gateway → tool', () => {
  test('without the gateway’s permission to invoke tools, the call fails and the refusal names the tool', async () => {
    await withEdit(removePermission('toolwatch-gateway', 'lambda:InvokeFunction'), async (cloud, { refusals }) => {
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
  test('without the tool’s permission to write its log, its line is lost and the loss is reported', async () => {
    await withEdit(
      removePermission('toolwatch-tool-order_status', 'logs:PutLogEvents'),
      async (cloud, { refusals, losses }) => {
        await callOrder(cloud);
        await expect.poll(() => losses.join()).toContain('a log line of toolwatch-tool-order_status is lost');
        expect(refusals[0]?.action).toBe('logs:PutLogEvents');
      },
    );
  });

  test('with the application log level WARN, successful calls leave no line and no metric', async () => {
    const raiseLogLevel = (resources: Parameters<TemplateEdit>[0]) => {
      const { Properties } = findResource(resources, 'AWS::Lambda::Function', '"toolwatch-tool-order_status"');
      (Properties.LoggingConfig as { ApplicationLogLevel: string }).ApplicationLogLevel = 'WARN';
    };
    await withEdit(raiseLogLevel, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => countErrors(cloud, 'tool-order_status')).toBe(0);
      expect(cloud.metrics.find('Toolwatch', 'error')).toEqual([]);
    });
  });

  test('with a log group of another class, the start fails', async () => {
    const changeClass = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::Logs::LogGroup', '/toolwatch/calls').Properties.LogGroupClass = 'INFREQUENT_ACCESS';
    };
    await expect(withEdit(changeClass)).rejects.toThrow('feeds neither metrics nor subscriptions');
  });
});

describe('log → ingest', () => {
  test('without the permission of CloudWatch Logs, no line is forwarded and the error is counted', async () => {
    await withEdit(removeResource('AWS::Lambda::Permission', 'IngestFilter'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      await expect.poll(() => countForwarded(cloud, 'DeliveryErrors')).toBe(1);
      expect(refusals[0]).toMatchObject({ principal: 'logs.amazonaws.com', action: 'lambda:InvokeFunction' });
      expect(countForwarded(cloud)).toBe(0);
    });
  });

  test('without the subscription filter, nothing reaches ingest', async () => {
    await withEdit(removeResource('AWS::Logs::SubscriptionFilter', 'IngestFilter'), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(countErrors(cloud, 'ingest')).toBeUndefined();
    });
  });

  test('with a filter for another schema, nothing reaches ingest', async () => {
    const changeFilter = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::Logs::SubscriptionFilter', 'IngestFilter').Properties.FilterPattern =
        '{ $.schema = "toolwatch.v2" }';
    };
    await withEdit(changeFilter, async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => cloud.metrics.find('Toolwatch', 'error')).toHaveLength(1);
      expect(countForwarded(cloud)).toBe(0);
    });
  });
});

describe('functions → database', () => {
  test('without ingest’s permission to sign in, the database refuses it', async () => {
    await withEdit(removePermission('toolwatch-ingest', 'rds-db:connect'), async (cloud, { refusals }) => {
      await callOrder(cloud);
      const resource = expect.stringMatching(/\/toolwatch_writer$/);
      await expect.poll(() => refusals).toContainEqual(expect.objectContaining({ action: 'rds-db:connect', resource }));
    });
  });

  test('without IAM authentication, the deployment fails', async () => {
    const disableIam = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::RDS::DBInstance').Properties.EnableIAMDatabaseAuthentication = false;
    };
    await expect(withEdit(disableIam)).rejects.toThrow('PAM authentication failed');
  });

  test('without the rule of either security group, no database connection is possible', async () => {
    const ruleTypes = ['AWS::EC2::SecurityGroupIngress', 'AWS::EC2::SecurityGroupEgress'];
    // Each lasts until the client’s timeout, so they run at the same time.
    await Promise.all(ruleTypes.map((type) => expect(withEdit(removeResource(type))).rejects.toThrow(/timeout/i)));
  });

  test('without the permission to create a network interface, a function in a network cannot be made', async () => {
    await expect(withEdit(removePermission('toolwatch-api', 'ec2:CreateNetworkInterface'))).rejects.toThrow(
      'ec2:CreateNetworkInterface',
    );
  });
});

describe('ingest → bucket', () => {
  const breakStorage =
    (also: TemplateEdit): TemplateEdit =>
    (resources) => {
      for (const { Type, Properties } of Object.values(resources)) {
        if (Type === 'AWS::Lambda::EventInvokeConfig') Properties.MaximumRetryAttempts = 0;
      }
      removePermission('toolwatch-ingest', 'rds-db:connect')(resources);
      also(resources);
    };
  const countRetained = (cloud: Cloud) => cloud.s3.list(OPERATOR, bucketNamed(cloud, 'keptpayloads')).length;

  test('a payload that cannot be stored is retained', async () => {
    await withEdit(breakStorage(unchanged), async (cloud) => {
      await callOrder(cloud);
      await expect.poll(() => countRetained(cloud)).toBe(1);
    });
  });

  test.each(['s3:PutObject', 's3:ListBucket'])('without %s, it is lost and the loss is reported', async (action) => {
    await withEdit(breakStorage(removePermission('toolwatch-ingest', action)), async (cloud, { refusals, losses }) => {
      await callOrder(cloud);
      await expect.poll(() => losses.join()).toContain('could not be stored');
      expect(refusals.at(-1)?.action).toBe(action);
      expect(countRetained(cloud)).toBe(0);
    });
  });
});
