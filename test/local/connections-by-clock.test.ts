import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cloud } from '../../emulator/cloud.ts';
import {
  findResource,
  removeAction,
  removePermission,
  removeResource,
  type TemplateEdit,
} from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { countErrors, fireAlarm, fireCriticalAlarm, invoke, toolCall } from '../support/through-cloud.ts';

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

describe('schedule → refresh', () => {
  const countMissedStarts = (cloud: Cloud) => Object.values(cloud.sqs.report()).flat().length;

  test('the schedule starts refresh', async () => {
    await withEdit(unchanged, async (cloud) => {
      cloud.start();
      await expect.poll(() => countErrors(cloud, 'refresh')).toBe(0);
    });
  });

  test('without the schedule’s permission to start it, the missed start is in the queue', async () => {
    await withEdit(
      removeAction('AWS::IAM::Role', 'RefreshScheduleRole', 'lambda:InvokeFunction'),
      async (cloud, { refusals }) => {
        cloud.start();
        await expect.poll(() => countMissedStarts(cloud)).toBe(1);
        expect(refusals[0]?.principal).toContain('RefreshScheduleRole');
      },
    );
  });

  test('without permission to send to the queue as well, the start is lost and both requests are refused', async () => {
    const removeBoth = (resources: Parameters<TemplateEdit>[0]) => {
      removeAction('AWS::IAM::Role', 'RefreshScheduleRole', 'lambda:InvokeFunction')(resources);
      removeAction('AWS::IAM::Role', 'RefreshScheduleRole', 'sqs:SendMessage')(resources);
    };
    await withEdit(removeBoth, async (cloud, { refusals }) => {
      cloud.start();
      await expect
        .poll(() => refusals.map(({ action }) => action))
        .toEqual(['lambda:InvokeFunction', 'sqs:SendMessage']);
    });
  });

  test('without a trust policy of the schedule’s role, nothing starts', async () => {
    const removeTrust = (resources: Parameters<TemplateEdit>[0]) => {
      const { Properties } = findResource(resources, 'AWS::IAM::Role', 'RefreshScheduleRole');
      (Properties.AssumeRolePolicyDocument as { Statement: unknown[] }).Statement = [];
    };
    await withEdit(removeTrust, async (cloud, { refusals }) => {
      cloud.start();
      await expect.poll(() => refusals[0]?.action).toBe('sts:AssumeRole');
    });
  });
});

describe('tool → api', () => {
  test('without the tool’s permission to invoke the api, its request is refused', async () => {
    await withEdit(
      removePermission('toolwatch-tool-recent_failures', 'lambda:InvokeFunction'),
      async (cloud, { refusals }) => {
        await invoke(cloud, 'gateway', toolCall('recent_failures', {}));
        expect(refusals[0]).toMatchObject({
          action: 'lambda:InvokeFunction',
          resource: expect.stringMatching(/toolwatch-api$/),
        });
      },
    );
  });
});

describe('alarm → topic → recipients', () => {
  test.each([
    [
      'the topic’s policy statement for alarms',
      removeAction('AWS::SNS::TopicPolicy', 'NotifyWarning', 'sns:Publish'),
      'sns:Publish',
    ],
    [
      'the alarms’ permission to decrypt with the topics’ key',
      removeAction('AWS::KMS::Key', 'TopicsKey', 'kms:Decrypt'),
      'kms:Decrypt',
    ],
    [
      'the alarms’ permission to generate data keys with it',
      removeAction('AWS::KMS::Key', 'TopicsKey', 'kms:GenerateDataKey*'),
      'kms:GenerateDataKey',
    ],
  ])('without %s, no recipient is notified, and the loss is reported', async (_, edit, action) => {
    await withEdit(edit, async (cloud, { refusals, deliveries, losses }) => {
      fireAlarm(cloud);
      expect(losses.join()).toContain('an alarm notification was not sent');
      expect(refusals).toContainEqual(expect.objectContaining({ principal: 'cloudwatch.amazonaws.com', action }));
      expect(deliveries.filter(({ topic }) => topic.includes('Warning'))).toEqual([]);
    });
  });

  test('without the pager’s subscription, only the inbox is notified', async () => {
    await withEdit(removeResource('AWS::SNS::Subscription', '"https"'), async (cloud, { deliveries }) => {
      fireCriticalAlarm(cloud);
      fireAlarm(cloud);
      const protocols = () => new Set(deliveries.map(({ protocol }) => protocol).filter((name) => name !== 'sqs'));
      await expect.poll(protocols).toEqual(new Set(['email']));
    });
  });

  test('without the alarm’s action, no recipient is notified', async () => {
    const removeActions = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::CloudWatch::Alarm', '"pipeline/telemetry-dropped"').Properties.AlarmActions = [];
    };
    await withEdit(removeActions, async (cloud, { deliveries }) => {
      fireAlarm(cloud);
      await expect.poll(() => deliveries.length).toBeGreaterThan(0);
      expect(deliveries.filter(({ subject }) => subject.startsWith('ALARM: "pipeline/telemetry-dropped"'))).toEqual([]);
    });
  });
});
