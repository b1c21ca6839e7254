import { gunzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { AwsError } from '../../../emulator/aws-error.ts';
import { createDrivenClock, DAY_MS, HOUR_MS, MINUTE_MS } from '../../../emulator/clock.ts';
import { createMetrics } from '../../../emulator/cloudwatch/metrics.ts';
import { createIam } from '../../../emulator/iam/iam.ts';
import { createLogs } from '../../../emulator/logs/logs.ts';
import { ALLOW_ALL, aRole, PLACE } from '../../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const ROLE = `arn:aws:iam::${PLACE.account}:role/writer`;
/** Invocations are rejected with this error. */
let rejection: AwsError | undefined;
afterEach(() => {
  rejection = undefined;
});

const createSubscribedGroup = async () => {
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
      if (rejection) throw rejection;
      const { data } = (event as { awslogs: { data: string } }).awslogs;
      delivered.push({
        function: fn,
        source,
        envelope: JSON.parse(gunzipSync(Buffer.from(data, 'base64')).toString()),
      });
    },
    openJournal: () => ({ left: new Map(), put: () => {}, remove: () => {} }),
    onLoss: (loss) => expect.fail(loss),
  });
  const declare = (logicalId: string, properties: object) => ({ stack: 'S', logicalId, properties });
  await iam.handlers['AWS::IAM::Role'](declare('R', aRole('writer', [ALLOW_ALL]).Properties));
  await logs.handlers['AWS::Logs::LogGroup'](declare('G', { LogGroupName: '/calls' }));
  await logs.handlers['AWS::Logs::SubscriptionFilter'](
    declare('F', {
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
      START + 2 * DAY_MS,
    )?.value ?? 0;
  return { clock, logs, delivered, write, count };
};

const MATCHING_LINE = '{"schema":"a","n":1}';

test('matching lines of one stream are sent in one batch, gzipped, in the documented envelope', async () => {
  const { clock, delivered, write, count } = await createSubscribedGroup();
  write('one', MATCHING_LINE);
  write('one', 'a line that does not match');
  write('one', MATCHING_LINE);
  write('two', MATCHING_LINE);
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
  expect(delivered[0]?.envelope.logEvents).toMatchObject([
    { message: MATCHING_LINE, timestamp: START },
    { message: MATCHING_LINE },
  ]);
  expect(count('ForwardedLogEvents')).toBe(3);
});

test('a permanent error switches the filter off for ten minutes, and lines written meanwhile are skipped', async () => {
  const { clock, delivered, write, count } = await createSubscribedGroup();
  rejection = new AwsError('AccessDeniedException', 'no', 403);
  write('one', MATCHING_LINE);
  await clock.advance(1_000);
  rejection = undefined;
  write('one', MATCHING_LINE);
  await clock.advance(9 * MINUTE_MS);
  expect([delivered.length, count('DeliveryErrors')]).toEqual([0, 1]);
  await clock.advance(2 * MINUTE_MS);
  write('one', MATCHING_LINE);
  await clock.advance(1_000);
  expect(delivered).toHaveLength(1);
});

test('a throttled batch is sent again', async () => {
  const { clock, delivered, write, count } = await createSubscribedGroup();
  rejection = new AwsError('TooManyRequestsException', 'later', 429);
  write('one', MATCHING_LINE);
  await clock.advance(1_000);
  rejection = undefined;
  await clock.advance(2 * MINUTE_MS);
  expect([delivered.length, count('DeliveryThrottling')]).toEqual([1, 1]);
});

test('a batch that is throttled for a day is dropped', async () => {
  const { clock, delivered, write } = await createSubscribedGroup();
  rejection = new AwsError('TooManyRequestsException', 'later', 429);
  write('one', MATCHING_LINE);
  await clock.advance(DAY_MS + 2 * MINUTE_MS);
  rejection = undefined;
  await clock.advance(HOUR_MS);
  expect(delivered).toEqual([]);
  write('one', MATCHING_LINE);
  await clock.advance(1_000);
  expect(delivered).toHaveLength(1);
});

test('a third filter on a group is refused, as by CloudWatch', async () => {
  const { logs } = await createSubscribedGroup();
  const another = (FilterName: string) =>
    logs.handlers['AWS::Logs::SubscriptionFilter']({
      stack: 'S',
      logicalId: FilterName,
      properties: { LogGroupName: '/calls', FilterName, FilterPattern: '', DestinationArn: 'arn:fn' },
    });
  await another('second');
  expect(() => another('third')).toThrow('at most 2');
});
