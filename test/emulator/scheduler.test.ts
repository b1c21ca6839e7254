import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsError } from '../../emulator/aws-error.ts';
import { createDrivenClock, DAY_MS, HOUR_MS, MINUTE_MS } from '../../emulator/clock.ts';
import { createIam } from '../../emulator/iam/iam.ts';
import { createScheduler } from '../../emulator/scheduler.ts';
import { ALLOW_ALL, aRole, PLACE } from '../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 30, 0);
const ROLE = `arn:aws:iam::${PLACE.account}:role/schedule`;

/** A schedule whose one start is at the full hour, and whose function cannot be started for so many minutes then. */
const schedule = async (RetryPolicy: object, minutesDown: number) => {
  const clock = createDrivenClock(START);
  const iam = createIam(PLACE, () => {});
  const properties = aRole('schedule', [ALLOW_ALL], 'scheduler.amazonaws.com').Properties;
  await iam.handlers['AWS::IAM::Role']({ stack: 'S', logicalId: 'R', properties });
  const dueAt = START + HOUR_MS / 2;
  const minutesSinceDue = () => (clock.now() - dueAt) / MINUTE_MS;
  const attempts: number[] = [];
  const dead: { at: number; input: string }[] = [];
  const scheduler = createScheduler({
    clock,
    iam,
    lambda: {
      invoke: () => expect.fail('a schedule waits for no result'),
      enqueue: () => {
        attempts.push(minutesSinceDue());
        if (minutesSinceDue() < minutesDown) throw new AwsError('ServiceException', 'later', 500);
        return 'id';
      },
    },
    sqs: { send: (_, __, input) => String(dead.push({ at: minutesSinceDue(), input })) },
  });
  scheduler.handlers['AWS::Scheduler::Schedule']({
    stack: 'S',
    logicalId: 'Schedule',
    properties: {
      ScheduleExpression: 'at(2026-11-20T23:00:00)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: 'arn:fn', RoleArn: ROLE, Input: '{"a":1}', RetryPolicy, DeadLetterConfig: { Arn: 'arn:dead' } },
    },
  });
  scheduler.start();
  await clock.advance(2 * DAY_MS);
  return { attempts, dead };
};

describe('a start that fails', () => {
  test('is retried every minute until it succeeds', async () => {
    expect(await schedule({}, 3)).toEqual({ attempts: [0, 1, 2, 3], dead: [] });
  });

  test('is retried until its attempts are used up, and then sent to the dead-letter queue', async () => {
    const { attempts, dead } = await schedule({ MaximumRetryAttempts: 2 }, DAY_MS);
    expect(attempts).toEqual([0, 1, 2]);
    expect(dead).toEqual([{ at: 2, input: '{"a":1}' }]);
  });

  test('is not retried once it is older than the schedule allows, and sent to the dead-letter queue', async () => {
    const { attempts, dead } = await schedule({ MaximumEventAgeInSeconds: 300 }, DAY_MS);
    expect(attempts).toEqual([0, 1, 2, 3, 4, 5]);
    expect(dead).toEqual([{ at: 6, input: '{"a":1}' }]);
  });

  test('ends in exactly one way, whatever the policy and the outage', async () => {
    const policy = fc.record({
      MaximumRetryAttempts: fc.integer({ min: 0, max: 185 }),
      MaximumEventAgeInSeconds: fc.integer({ min: 60, max: 86_400 }),
    });
    await fc.assert(
      fc.asyncProperty(policy, fc.integer({ min: 0, max: 400 }), async (RetryPolicy, minutesDown) => {
        const { attempts, dead } = await schedule(RetryPolicy, minutesDown);
        const last = attempts.at(-1) ?? Number.NaN;
        const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = RetryPolicy;
        expect(last).toBe(Math.min(minutesDown, MaximumRetryAttempts, Math.floor(MaximumEventAgeInSeconds / 60)));
        expect(dead).toHaveLength(last < minutesDown ? 1 : 0);
      }),
    );
  });
});
