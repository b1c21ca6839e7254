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
import { alarm, errors, invoke, toolCall } from '../support/through-cloud.ts';

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
      removeAction('AWS::IAM::Role', 'RefreshScheduleRole', 'lambda:InvokeFunction'),
      async (cloud, { refusals }) => {
        cloud.start();
        await expect.poll(() => missed(cloud)).toBe(1);
        expect(refusals[0]?.principal).toContain('RefreshScheduleRole');
      },
    );
  });

  test('without its right to the queue either, the start is lost and refused twice', async () => {
    const change = (resources: Parameters<TemplateEdit>[0]) => {
      removeAction('AWS::IAM::Role', 'RefreshScheduleRole', 'lambda:InvokeFunction')(resources);
      removeAction('AWS::IAM::Role', 'RefreshScheduleRole', 'sqs:SendMessage')(resources);
    };
    await without(change, async (cloud, { refusals }) => {
      cloud.start();
      await expect
        .poll(() => refusals.map(({ action }) => action))
        .toEqual(['lambda:InvokeFunction', 'sqs:SendMessage']);
    });
  });

  test('without the trust of its role, nothing starts', async () => {
    const distrust = (resources: Parameters<TemplateEdit>[0]) => {
      const { Properties } = findResource(resources, 'AWS::IAM::Role', 'RefreshScheduleRole');
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
    await without(
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
      'the topic’s statement for alarms',
      removeAction('AWS::SNS::TopicPolicy', 'TopicsWarning', 'sns:Publish'),
      'sns:Publish',
    ],
    ['their right to decrypt by the key', removeAction('AWS::KMS::Key', 'TopicsKey', 'kms:Decrypt'), 'kms:Decrypt'],
    [
      'their right to make data keys of it',
      removeAction('AWS::KMS::Key', 'TopicsKey', 'kms:GenerateDataKey*'),
      'kms:GenerateDataKey',
    ],
  ])('without %s, nobody is told, and that is said', async (_, change, action) => {
    await without(change, async (cloud, { refusals, deliveries, losses }) => {
      alarm(cloud);
      expect(losses.join()).toContain('an alarm notification was not sent');
      expect(refusals).toContainEqual(expect.objectContaining({ principal: 'cloudwatch.amazonaws.com', action }));
      expect(deliveries.filter(({ topic }) => topic.includes('Warning'))).toEqual([]);
    });
  });

  test('without the subscription of the pager, only the inbox is told', async () => {
    await without(removeResource('AWS::SNS::Subscription', '"https"'), async (cloud, { deliveries }) => {
      alarm(cloud);
      await expect.poll(() => deliveries.length).toBeGreaterThan(0);
      expect(new Set(deliveries.map(({ protocol }) => protocol))).toEqual(new Set(['email']));
    });
  });

  test('without the alarm’s action, nobody is told of it', async () => {
    const mute = (resources: Parameters<TemplateEdit>[0]) => {
      findResource(resources, 'AWS::CloudWatch::Alarm', '"pipeline/telemetry-dropped"').Properties.AlarmActions = [];
    };
    await without(mute, async (cloud, { deliveries }) => {
      alarm(cloud);
      await expect.poll(() => deliveries.length).toBeGreaterThan(0);
      expect(deliveries.filter(({ subject }) => subject.startsWith('ALARM: "pipeline/telemetry-dropped"'))).toEqual([]);
    });
  });
});
