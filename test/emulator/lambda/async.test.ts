import { afterEach, describe, expect, test } from 'vitest';
import { AwsError } from '../../../emulator/aws-error.ts';
import { createDrivenClock } from '../../../emulator/clock.ts';
import { tryUntilDone } from '../../../emulator/lambda/async.ts';
import { aFunction, aRole, baseResources, CALLER, MAY_DO_ALL, startSmallCloud } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const BUCKET = 'arn:aws:s3:::kept';
const resources = (may: object[] = [MAY_DO_ALL]) => ({
  ...baseResources(may),
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'kept' } },
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

const ran = () =>
  cloud?.metrics.statistic(
    { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'fails' } },
    'Sum',
    START,
    START + 3_600_000,
  )?.value;

const given = async (may?: object[]) => {
  const clock = createDrivenClock(START);
  cloud = await startSmallCloud({ resources: resources(may), code, clock });
  cloud.lambda.enqueue({ principal: CALLER, function: 'fails', event: '{"a":1}' });
  return { clock, cloud };
};

test('a failed event is tried again after one minute and after two more, then kept with what it was and why', async () => {
  const { clock, cloud } = await given();
  await expect.poll(ran).toBe(1);
  await clock.advance(60_000);
  await expect.poll(ran).toBe(2);
  await clock.advance(120_000);
  await expect.poll(ran).toBe(3);
  await expect.poll(() => cloud.s3.list(CALLER, 'kept').length).toBe(1);
  const [key = ''] = cloud.s3.list(CALLER, 'kept');
  expect(key).toMatch(/^aws\/lambda\/async\/fails\/2026\/11\/20\/2026-11-20T22\.03\.00-[0-9a-f-]{36}$/);
  expect(JSON.parse(cloud.s3.get(CALLER, 'kept', key))).toMatchObject({
    requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { a: 1 },
    responseContext: { functionError: 'Unhandled' },
    responsePayload: { errorMessage: 'database is down' },
  });
});

describe('a try', () => {
  const failed = { payload: '{}', failed: true };
  const tried = async (outcomes: ('fails' | 'throttled' | 'works')[], minutes: number) => {
    const clock = createDrivenClock(0);
    const times: number[] = [];
    const done = tryUntilDone(clock, { retries: 2, maxAgeMs: 3_600_000, onFailure: undefined }, async () => {
      times.push(clock.now() / 1_000);
      const outcome = outcomes.shift();
      if (outcome === 'throttled') throw new AwsError('TooManyRequestsException', 'later', 429);
      return outcome === 'works' ? { payload: '{}', failed: false } : failed;
    });
    for (let second = 0; second < minutes * 60; second += 1) {
      await new Promise(setImmediate); // what was tried last has been answered by now
      await clock.advance(1_000);
    }
    return { times, dropped: await done };
  };

  test('that failed comes again after one minute, and after two more', async () => {
    const { times, dropped } = await tried(['fails', 'fails', 'fails'], 5);
    expect(times).toEqual([0, 60, 180]);
    expect(dropped).toMatchObject({ condition: 'RetriesExhausted', tries: 3 });
  });

  test('that was throttled comes again after a second, two, four, and is not counted', async () => {
    const { times, dropped } = await tried(['throttled', 'throttled', 'throttled', 'works'], 1);
    expect(times).toEqual([0, 1, 3, 7]);
    expect(dropped).toBeUndefined();
  });
});

test('a function whose role may not write to the bucket loses the event, and says so', async () => {
  const { clock, cloud } = await given([{ ...MAY_DO_ALL, Action: ['logs:*', 's3:ListBucket'] }]);
  for (const [failures, pause] of [
    [1, 60_000],
    [2, 120_000],
    [3, 0],
  ] as const) {
    await expect.poll(ran).toBe(failures);
    await clock.advance(pause);
  }
  await expect.poll(() => cloud.heard.losses.join()).toContain('s3:PutObject');
  expect(cloud.heard.refusals[0]).toMatchObject({ action: 's3:PutObject', resource: expect.stringContaining(BUCKET) });
});

test('an event too old is given up', async () => {
  const clock = createDrivenClock(START);
  const config = { ...resources().Config.Properties, MaximumEventAgeInSeconds: 60 };
  const slow = { ...resources(), Config: { ...resources().Config, Properties: config } };
  cloud = await startSmallCloud({ resources: slow, code, clock });
  cloud.lambda.enqueue({ principal: CALLER, function: 'fails', event: '{}' });
  await expect.poll(ran).toBe(1);
  await clock.advance(60_000);
  await expect.poll(ran).toBe(2);
  await clock.advance(120_000);
  await expect.poll(() => cloud?.s3.list(CALLER, 'kept').length).toBe(1);
  const [key = ''] = cloud.s3.list(CALLER, 'kept');
  expect(JSON.parse(cloud.s3.get(CALLER, 'kept', key)).requestContext.condition).toBe('EventAgeExceeded');
});

test('nobody hands a function an event without the right to', async () => {
  cloud = await startSmallCloud({ resources: { ...resources(), Stranger: aRole('stranger', []) }, code });
  const stranger = { role: 'arn:aws:iam::000000000000:role/stranger' };
  expect(() => cloud?.lambda.enqueue({ principal: stranger, function: 'fails', event: '{}' })).toThrow(
    'lambda:InvokeFunction',
  );
});
