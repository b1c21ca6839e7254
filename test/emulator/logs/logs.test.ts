import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { AwsError } from '../../../emulator/aws-error.ts';
import { createDrivenClock } from '../../../emulator/clock.ts';
import { createMetrics } from '../../../emulator/cloudwatch/metrics.ts';
import { createIam } from '../../../emulator/iam/iam.ts';
import { createLogs } from '../../../emulator/logs/logs.ts';
import { aRole, MAY_DO_ALL, PLACE } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const ROLE = `arn:aws:iam::${PLACE.account}:role/writer`;
let refuse: AwsError | undefined;
afterEach(() => {
  refuse = undefined;
});

const given = async () => {
  const clock = createDrivenClock(START);
  const metrics = createMetrics(clock);
  const iam = createIam(PLACE, () => {});
  const delivered: {
    function: string;
    source: string;
    envelope: Record<string, unknown> & { logEvents: { message: string }[] };
  }[] = [];
  const logs = createLogs({
    place: PLACE,
    clock,
    metrics,
    iam,
    invoke: async (fn, source, event) => {
      if (refuse) throw refuse;
      const { data } = (event as { awslogs: { data: string } }).awslogs;
      delivered.push({
        function: fn,
        source,
        envelope: JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()),
      });
    },
  });
  const declared = (logicalId: string, properties: object) => ({ stack: 'S', logicalId, properties });
  await iam.rules['AWS::IAM::Role'](declared('R', aRole('writer', [MAY_DO_ALL]).Properties));
  await logs.rules['AWS::Logs::LogGroup'](declared('G', { LogGroupName: '/calls' }));
  await logs.rules['AWS::Logs::SubscriptionFilter'](
    declared('F', {
      LogGroupName: '/calls',
      FilterName: 'f',
      FilterPattern: '{ $.schema = "a" }',
      DestinationArn: 'arn:fn',
    }),
  );
  const write = (stream: string, line: string) => logs.write(ROLE, '/calls', stream, line);
  const count = (name: string) =>
    metrics.statistic(
      {
        namespace: 'AWS/Logs',
        name,
        dimensions: { LogGroupName: '/calls', DestinationType: 'Lambda', FilterName: 'f' },
      },
      'Sum',
      START,
      START + 86_400_000 * 2,
    )?.value ?? 0;
  return { clock, logs, delivered, write, count };
};

const OURS = '{"schema":"a","n":1}';

test('lines that match travel together by stream, gzipped, in the documented envelope', async () => {
  const { clock, delivered, write, count } = await given();
  write('one', OURS);
  write('one', 'another program’s line');
  write('one', OURS);
  write('two', OURS);
  await clock.advance(1_000);
  expect(delivered).toHaveLength(2);
  expect(delivered[0]).toMatchObject({
    function: 'arn:fn',
    source: `arn:aws:logs:us-east-1:${PLACE.account}:log-group:/calls:*`,
    envelope: {
      messageType: 'DATA_MESSAGE',
      owner: PLACE.account,
      logGroup: '/calls',
      logStream: 'one',
      subscriptionFilters: ['f'],
    },
  });
  expect(delivered[0]?.envelope.logEvents).toMatchObject([{ message: OURS, timestamp: START }, { message: OURS }]);
  expect(count('ForwardedLogEvents')).toBe(3);
});

test('what is refused for good switches the filter off for ten minutes, and what comes meanwhile is skipped', async () => {
  const { clock, delivered, write, count } = await given();
  refuse = new AwsError('AccessDeniedException', 'no', 403);
  write('one', OURS);
  await clock.advance(1_000);
  refuse = undefined;
  write('one', OURS);
  await clock.advance(9 * 60_000);
  expect([delivered.length, count('DeliveryErrors')]).toEqual([0, 1]);
  await clock.advance(2 * 60_000);
  write('one', OURS);
  await clock.advance(1_000);
  expect(delivered).toHaveLength(1);
});

test('what is throttled is tried again', async () => {
  const { clock, delivered, write, count } = await given();
  refuse = new AwsError('TooManyRequestsException', 'later', 429);
  write('one', OURS);
  await clock.advance(1_000);
  refuse = undefined;
  await clock.advance(2 * 60_000);
  expect([delivered.length, count('DeliveryThrottling')]).toEqual([1, 1]);
});

test('what is throttled for a day is given up', async () => {
  const { clock, delivered, write } = await given();
  refuse = new AwsError('TooManyRequestsException', 'later', 429);
  write('one', OURS);
  await clock.advance(24 * 3_600_000 + 120_000);
  refuse = undefined;
  await clock.advance(3_600_000);
  expect(delivered).toEqual([]);
  write('one', OURS);
  await clock.advance(1_000);
  expect(delivered).toHaveLength(1);
});

test('a third filter on a group is refused, as CloudWatch does', async () => {
  const { logs } = await given();
  const another = (FilterName: string) =>
    logs.rules['AWS::Logs::SubscriptionFilter']({
      stack: 'S',
      logicalId: FilterName,
      properties: { LogGroupName: '/calls', FilterName, FilterPattern: '', DestinationArn: 'arn:fn' },
    });
  await another('second');
  expect(() => another('third')).toThrow('at most two');
});
