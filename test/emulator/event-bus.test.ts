import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { matchesPattern, readPattern } from '../../emulator/events/pattern.ts';
import { aRole, startSmallCloud } from '../support/small-cloud.ts';

const SMALL = 'arn:aws:cloudformation:us-east-1:000000000000:stack/Small/';

describe('a pattern', () => {
  const event = {
    source: 'aws.a',
    detail: { state: 'STOP', count: 2, gone: null, tags: ['x', 'y'], inner: { id: 'arn:1' } },
  };

  test.each<[object, boolean]>([
    [{ source: ['aws.a'] }, true],
    [{ source: ['aws.b', 'aws.a'] }, true],
    [{ source: ['aws'] }, false],
    [{ source: [{ prefix: 'aws' }] }, true],
    [{ source: [{ suffix: '.a' }] }, true],
    [{ detail: { state: ['STOP'], count: [2] } }, true],
    [{ detail: { state: ['STOP'], count: ['2'] } }, false],
    [{ detail: { gone: [null] } }, true],
    [{ detail: { tags: ['y'] } }, true],
    [{ detail: { inner: { id: [{ prefix: 'arn:' }] } } }, true],
    [{ detail: { inner: ['arn:1'] } }, false],
    [{ detail: { other: [{ exists: false }], state: [{ exists: true }] } }, true],
    [{ detail: { state: [{ 'anything-but': ['START', 'SUCCESS'] }] } }, true],
    [{ detail: { other: [{ 'anything-but': 'START' }] } }, false],
    [{ toString: [{ exists: true }] }, false],
  ])('%j matches: %s', (pattern, expected) => {
    expect(matchesPattern(readPattern(pattern), event)).toBe(expected);
  });

  test.each([{}, { source: 'aws.a' }, { source: [] }, { source: {} }, { source: [{ wildcard: '*' }] }, { $or: [{}] }])(
    '%j is refused',
    (pattern) => {
      expect(() => readPattern(pattern)).toThrow(/not valid|does not support/);
    },
  );

  test('of every value that an event has matches it, and none of a value that it does not have', () => {
    const value = fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => !key.startsWith('$')),
      fc.oneof(fc.string(), fc.integer(), fc.boolean()),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(value, (detail) => {
        const exact = Object.fromEntries(Object.entries(detail).map(([key, each]) => [key, [each]]));
        expect(matchesPattern(readPattern({ detail: exact }), { detail })).toBe(true);
        expect(matchesPattern(readPattern({ detail: exact }), { detail: {} })).toBe(false);
      }),
    );
  });
});

const aQueue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });
const aPolicy = (queue: string, rule: string) => ({
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: queue }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
          Condition: { ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [rule, 'Arn'] } } },
        },
      ],
    },
  },
});
const aRule = (target: object, more: object = {}) => ({
  Type: 'AWS::Events::Rule',
  Properties: {
    EventPattern: {
      source: ['aws.cloudformation'],
      'detail-type': ['CloudFormation Stack Status Change'],
      detail: { 'stack-id': [{ prefix: SMALL }] },
    },
    Targets: [{ Id: 'Target0', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] }, ...target }],
    ...more,
  },
});
const DEAD = { DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['Dead', 'Arn'] } } };

let cloud: Awaited<ReturnType<typeof startSmallCloud>> | undefined;
afterEach(() => cloud?.stop());

const start = async (resources: Record<string, object>) => {
  cloud = await startSmallCloud({ resources: { Queue: aQueue('queue'), Dead: aQueue('dead'), ...resources } });
  const statuses = (queue = 'queue') =>
    (cloud?.sqs.report()[queue] ?? []).map(({ body }) => JSON.parse(body).detail['status-details'].status);
  return { cloud, statuses };
};
const BOTH = { Rule: aRule(DEAD), Policy: aPolicy('Queue', 'Rule'), DeadPolicy: aPolicy('Dead', 'Rule') };
const withRole = (action: string) => ({
  Queue: aQueue('queue'),
  Dead: aQueue('dead'),
  ...BOTH,
  Role: aRole('r', [{ Effect: 'Allow', Action: action, Resource: '*' }]),
});

describe('what CloudFormation says of a stack', () => {
  test('goes through a rule to its queue: that it is created, and each step of an update', async () => {
    const { cloud, statuses } = await start({ ...BOTH, Role: withRole('sqs:*').Role });
    expect(statuses()).toEqual(['CREATE_COMPLETE']);
    await cloud.redeployWith(withRole('s3:*'));
    expect(statuses().slice(1)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
    // Nothing is said where nothing changes.
    await cloud.redeployWith(withRole('s3:*'));
    expect(statuses()).toHaveLength(4);
    const body = JSON.parse(cloud.sqs.report().queue?.[0]?.body ?? '');
    expect(body).toMatchObject({
      account: '000000000000',
      region: 'us-east-1',
      source: 'aws.cloudformation',
      resources: [expect.stringContaining(SMALL)],
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
  });

  test('says that an update failed, why, and that it was rolled back', async () => {
    const { cloud, statuses } = await start({ ...BOTH, Role: withRole('sqs:*').Role });
    const bad = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: 'nothing' } };
    await expect(cloud.redeployWith({ ...withRole('s3:*'), Bad: bad })).rejects.toThrow('rolled back');
    expect(statuses().slice(1)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ]);
    const failed = cloud.sqs.report().queue?.map(({ body }) => JSON.parse(body).detail['status-details'])[2];
    expect(failed['status-reason']).toContain('Small/Bad');
  });

  test('goes to the queue for what could not be delivered, with the reason, where the queue does not take it', async () => {
    const { cloud, statuses } = await start({ Rule: aRule(DEAD), DeadPolicy: aPolicy('Dead', 'Rule') });
    expect([statuses(), statuses('dead')]).toEqual([[], ['CREATE_COMPLETE']]);
    expect(cloud.sqs.report().dead?.[0]?.attributes).toMatchObject({ ERROR_CODE: 'AccessDeniedException' });
  });

  test('goes there as well where the queue is gone', async () => {
    const { cloud, statuses } = await start({ ...BOTH, Role: withRole('sqs:*').Role });
    cloud.sqs.remove('queue');
    await cloud.redeployWith(withRole('s3:*'));
    expect(statuses('dead')).toHaveLength(3);
  });

  test('is lost without such a queue, and to a rule that is disabled it is nothing', async () => {
    const { cloud, statuses } = await start({ Rule: aRule({}) });
    expect(cloud.events.losses).toEqual([expect.stringContaining('is lost')]);
    expect(statuses()).toEqual([]);
    await cloud.stop();
    const disabled = await start({ Rule: aRule({}, { State: 'DISABLED' }), Policy: aPolicy('Queue', 'Rule') });
    expect(disabled.statuses()).toEqual([]);
    expect(disabled.cloud.events.losses).toEqual([]);
  });

  test.each([
    [{ Targets: [{ Id: 'a', Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f' }] }, 'queues as targets'],
    [{ EventBusName: 'own' }, 'default event bus only'],
    [{ ScheduleExpression: 'rate(1 minute)' }, 'ScheduleExpression'],
  ])('needs what is supported: %j', async (more, message) => {
    await expect(start({ Rule: aRule({}, more) })).rejects.toThrow(message);
  });
});
