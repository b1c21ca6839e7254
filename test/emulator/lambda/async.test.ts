import { afterEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../emulator/aws-error.ts';
import { createDrivenClock } from '../../../emulator/clock.ts';
import { attemptUntilDone } from '../../../emulator/lambda/async.ts';
import { ALLOW_ALL, aFunction, aRole, baseResources, CALLER, startSmallCloud } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const BUCKET = 'arn:aws:s3:::failed-events';
const resources = (statements: object[] = [ALLOW_ALL]) => ({
  ...baseResources(statements),
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failed-events' } },
  Fails: aFunction('fails'),
  Config: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Fails' },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Bucket', 'Arn'] } } },
    },
  },
});
const code = { fails: `export const handler = async () => { throw new Error('database is down') };` };

let cloud: Awaited<ReturnType<typeof startSmallCloud>> | undefined;
afterEach(async () => {
  await cloud?.stop();
  cloud = undefined;
});

/** How often the function has failed. */
const failureCount = () =>
  cloud?.metrics.statistic(
    { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'fails' } },
    'Sum',
    START,
    START + 3_600_000,
  )?.value;

/** Sends one event to the function, whose role has these statements. */
const sendEvent = async (statements?: object[]) => {
  const clock = createDrivenClock(START);
  cloud = await startSmallCloud({ resources: resources(statements), code, clock });
  cloud.lambda.enqueue({ principal: CALLER, function: 'fails', event: '{"a":1}' });
  return { clock, cloud };
};

test('a failed event is retried after one minute and two more, then stored with payload and error', async () => {
  const { clock, cloud } = await sendEvent();
  await expect.poll(failureCount).toBe(1);
  await clock.advance(60_000);
  await expect.poll(failureCount).toBe(2);
  await clock.advance(120_000);
  await expect.poll(failureCount).toBe(3);
  await expect.poll(() => cloud.s3.list(CALLER, 'failed-events').length).toBe(1);
  const [key = ''] = cloud.s3.list(CALLER, 'failed-events');
  expect(key).toMatch(/^aws\/lambda\/async\/fails\/2026\/11\/20\/2026-11-20T22\.03\.00-[0-9a-f-]{36}$/);
  expect(JSON.parse(cloud.s3.get(CALLER, 'failed-events', key))).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { a: 1 },
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorMessage: 'database is down' },
  });
});

describe('an attempt', () => {
  const attempt = async (outcomes: ('fails' | 'throttled' | 'works')[], minutes: number) => {
    const clock = createDrivenClock(0);
    const times: number[] = [];
    const attempt = async () => {
      times.push(clock.now() / 1_000);
      const outcome = outcomes.shift();
      if (outcome === 'throttled') throw new AwsError('TooManyRequestsException', 'later', 429);
      return { payload: '{}', failed: outcome !== 'works' };
    };
    const config = { retries: 2, maxAgeMs: 3_600_000, onFailure: undefined };
    const done = attemptUntilDone({ clock, config, attempt });
    for (let second = 0; second < minutes * 60; second += 1) {
      await new Promise(setImmediate); // lets the last attempt end
      await clock.advance(1_000);
    }
    return { times, dropped: await done };
  };

  test('that failed is repeated after one minute and after two more', async () => {
    const { times, dropped } = await attempt(['fails', 'fails', 'fails'], 5);
    expect(times).toEqual([0, 60, 180]);
    expect(dropped).toMatchObject({ condition: 'RetriesExhausted', attempts: 3 });
  });

  test('that was throttled is repeated after a second, two, four, and is not counted', async () => {
    const { times, dropped } = await attempt(['throttled', 'throttled', 'throttled', 'works'], 1);
    expect(times).toEqual([0, 1, 3, 7]);
    expect(dropped).toBeUndefined();
  });
});

test('an event is lost, and the loss reported, when the role may not write to the bucket', async () => {
  const { clock, cloud } = await sendEvent([{ ...ALLOW_ALL, Action: ['logs:*', 's3:ListBucket'] }]);
  for (const [failures, pause] of [
    [1, 60_000],
    [2, 120_000],
    [3, 0],
  ] as const) {
    await expect.poll(failureCount).toBe(failures);
    await clock.advance(pause);
  }
  await expect.poll(() => cloud.events.losses.join()).toContain('s3:PutObject');
  expect(cloud.events.refusals[0]).toMatchObject({ action: 's3:PutObject', resource: expect.stringContaining(BUCKET) });
});

test('an event that is too old is dropped', async () => {
  const clock = createDrivenClock(START);
  const config = { ...resources().Config.Properties, MaximumEventAgeInSeconds: 60 };
  const shortLived = { ...resources(), Config: { ...resources().Config, Properties: config } };
  cloud = await startSmallCloud({ resources: shortLived, code, clock });
  cloud.lambda.enqueue({ principal: CALLER, function: 'fails', event: '{}' });
  await expect.poll(failureCount).toBe(1);
  await clock.advance(60_000);
  await expect.poll(failureCount).toBe(2);
  await clock.advance(120_000);
  await expect.poll(() => cloud?.s3.list(CALLER, 'failed-events').length).toBe(1);
  const [key = ''] = cloud.s3.list(CALLER, 'failed-events');
  expect(JSON.parse(cloud.s3.get(CALLER, 'failed-events', key)).requestContext.condition).toBe('EventAgeExceeded');
});

test('a role without permission cannot send a function an event', async () => {
  cloud = await startSmallCloud({ resources: { ...resources(), Unprivileged: aRole('unprivileged', []) }, code });
  const unprivileged = { role: 'arn:aws:iam::000000000000:role/unprivileged' };
  expect(() => cloud?.lambda.enqueue({ principal: unprivileged, function: 'fails', event: '{}' })).toThrow(
    'lambda:InvokeFunction',
  );
});
