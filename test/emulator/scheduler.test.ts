import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwsError } from '../../emulator/aws-error.ts';
import { createDrivenClock, DAY_MS, HOUR_MS, MINUTE_MS } from '../../emulator/clock.ts';
import { createIam } from '../../emulator/iam/iam.ts';
import { createScheduler } from '../../emulator/scheduler.ts';
import { ALLOW_ALL, aRole, PLACE } from '../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 30, 0);
const ROLE = `arn:aws:iam::${PLACE.account}:role/schedule`;

/** What a schedule needs whose function is started, or cannot be, by `enqueue`. */
const createRig = async (
  start: number,
  enqueue: (now: number) => void,
  onDead: (now: number, input: string) => void = () => {},
) => {
  const clock = createDrivenClock(start);
  const iam = createIam(PLACE, () => {});
  const properties = aRole('schedule', [ALLOW_ALL], 'scheduler.amazonaws.com').Properties;
  await iam.handlers['AWS::IAM::Role']({ stack: 'S', logicalId: 'R', properties });
  const scheduler = createScheduler({
    clock,
    iam,
    lambda: {
      invoke: () => expect.fail('a schedule waits for no result'),
      enqueue: () => {
        enqueue(clock.now());
        return 'id';
      },
    },
    sqs: {
      send: (_, __, input) => {
        onDead(clock.now(), input);
        return 'id';
      },
    },
  });
  const run = async (properties: object, target: object, ms: number) => {
    scheduler.handlers['AWS::Scheduler::Schedule']({
      stack: 'S',
      logicalId: 'Schedule',
      properties: {
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: 'arn:fn', RoleArn: ROLE, ...target },
        ...properties,
      },
    });
    scheduler.start();
    await clock.advance(ms);
  };
  return { run };
};

/** A schedule whose one start is at the full hour, and whose function cannot be started for so many minutes then. */
const schedule = async (RetryPolicy: object, minutesDown: number) => {
  const minutesSinceDue = (now: number) => (now - START - HOUR_MS / 2) / MINUTE_MS;
  const attempts: number[] = [];
  const dead: { at: number; input: string }[] = [];
  const { run } = await createRig(
    START,
    (now) => {
      attempts.push(minutesSinceDue(now));
      if (minutesSinceDue(now) < minutesDown) throw new AwsError('ServiceException', 'later', 500);
    },
    (now, input) => dead.push({ at: minutesSinceDue(now), input }),
  );
  const target = { Input: '{"a":1}', RetryPolicy, DeadLetterConfig: { Arn: 'arn:dead' } };
  await run({ ScheduleExpression: 'at(2026-11-20T23:00:00)' }, target, 2 * DAY_MS);
  return { attempts, dead };
};

test('a schedule follows the clocks of its time zone when they are put back', async () => {
  const starts: string[] = [];
  const { run } = await createRig(Date.UTC(2026, 9, 18), (now) => starts.push(new Date(now).toISOString()));
  const monday = { ScheduleExpression: 'cron(0 8 ? * MON *)', ScheduleExpressionTimezone: 'Europe/Berlin' };
  await run(monday, {}, 10 * DAY_MS);
  expect(starts).toEqual(['2026-10-19T06:00:00.000Z', '2026-10-26T07:00:00.000Z']);
});

test('a schedule of a time zone that does not exist is refused', async () => {
  const { run } = await createRig(START, () => {});
  const nowhere = { ScheduleExpression: 'rate(1 day)', ScheduleExpressionTimezone: 'Europe/Nowhere' };
  await expect(run(nowhere, {}, 0)).rejects.toThrow('it is not the name of a time zone');
});

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
