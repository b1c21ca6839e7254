import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqsApi } from '../../emulator/aws-api/sqs.ts';
import { type Certificate, makeCertificate } from '../../emulator/certificate.ts';
import { createDrivenClock, DAY_MS, type DrivenClock, MINUTE_MS } from '../../emulator/clock.ts';
import { aFunction, baseResources, CALLER, PLACE, startSmallCloud } from '../support/small-cloud.ts';

const START = Date.UTC(2026, 10, 20, 22, 0, 0);
const OPERATOR = { person: 'operator' };
const ALARMS = { service: 'cloudwatch.amazonaws.com' };
const TOPIC = `arn:aws:sns:us-east-1:${PLACE.account}:alerts`;
const DEAD = `arn:aws:sqs:us-east-1:${PLACE.account}:dead`;

type SmallCloud = Awaited<ReturnType<typeof startSmallCloud>>;
const ends: (() => unknown)[] = [];
let base: string;
/** Where the emulator keeps its data. */
let folder: string;
/** Where the function writes what it was invoked with; while it does not exist, the function fails. */
let calls: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'toolwatch-restart-'));
  folder = join(base, 'data-1');
  calls = join(base, 'calls');
  ends.push(() => rmSync(base, { recursive: true }));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Each invocation as the function saw it: its request id, and the event as JSON. */
const readCalls = (): string[] => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').filter(Boolean) : []);

const code = () => ({
  stores: `
    import { appendFileSync, existsSync } from 'node:fs';
    export const handler = async (event, { awsRequestId }) => {
      const file = ${JSON.stringify(calls)};
      if (event.hang) { appendFileSync(file + '-begun', 'x'); await new Promise(() => setTimeout(() => {}, 60000)); }
      if (!existsSync(file)) throw new Error('database is down');
      appendFileSync(file, awsRequestId + ' ' + JSON.stringify(event) + '\\n');
    };`,
});

const resourcesWith = (more: Record<string, object> = {}) => ({
  ...baseResources(),
  Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'failed-events' } },
  Stores: aFunction('stores'),
  Config: {
    Type: 'AWS::Lambda::EventInvokeConfig',
    Properties: {
      FunctionName: { Ref: 'Stores' },
      MaximumRetryAttempts: 2,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Bucket', 'Arn'] } } },
    },
  },
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead', MessageRetentionPeriod: DAY_MS / 1_000 } },
  ...more,
});

const startCloud = async (
  clock: DrivenClock,
  resources: Record<string, object> = resourcesWith(),
  trusted?: string,
) => {
  const cloud = await startSmallCloud({ resources, code: code(), clock, folder, ...(trusted && { trusted }) });
  cloud.start();
  ends.push(cloud.stop);
  return cloud;
};

/** Ends the emulator. What starts next finds the data as they were before, as after a process that was killed. */
const kill = async (cloud: SmallCloud): Promise<void> => {
  const next = `${folder}-next`;
  cpSync(folder, next, { recursive: true });
  folder = next;
  await cloud.stop();
};

const repair = (): void => writeFileSync(calls, '');
const failures = (cloud: SmallCloud) =>
  cloud.metrics.statistic(
    { namespace: 'AWS/Lambda', name: 'Errors', dimensions: { FunctionName: 'stores' } },
    'Sum',
    START,
    START + DAY_MS,
  )?.value;

describe('an event that a function is to receive', () => {
  test('that has failed and waits for its retry is processed after a restart, under its own id', async () => {
    const clock = createDrivenClock(START);
    const first = await startCloud(clock);
    const id = first.lambda.enqueue({ principal: CALLER, function: 'stores', event: '{"a":"é"}' });
    await expect.poll(() => failures(first)).toBe(1);
    await kill(first);
    repair();
    const second = await startCloud(clock);
    await clock.advance(59_999);
    expect(readCalls()).toEqual([]);
    await clock.advance(1);
    await expect.poll(readCalls).toContain(`${id} {"a":"é"}`);
    await expect.poll(() => readFileSync(join(folder, 'queues/lambda-events.jsonl'), 'utf8')).toBe('');
    expect(second.events.losses).toEqual([]);
  });

  test('is retried no more often than without a restart, and its age counts from when it was accepted', async () => {
    const clock = createDrivenClock(START);
    const first = await startCloud(clock);
    const id = first.lambda.enqueue({ principal: CALLER, function: 'stores', event: '{}' });
    await expect.poll(() => failures(first)).toBe(1);
    await kill(first);
    const second = await startCloud(clock);
    await clock.advance(MINUTE_MS);
    await expect.poll(() => failures(second)).toBe(1);
    await kill(second);
    const third = await startCloud(clock);
    await clock.advance(2 * MINUTE_MS);
    await expect.poll(() => third.s3.list(OPERATOR, 'failed-events')).toHaveLength(1);
    const [key = ''] = third.s3.list(OPERATOR, 'failed-events');
    expect(JSON.parse(third.s3.get(OPERATOR, 'failed-events', key)).requestContext).toMatchObject({
      requestId: id,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    });
    const age = { namespace: 'AWS/Lambda', name: 'AsyncEventAge', dimensions: { FunctionName: 'stores' } };
    expect(third.metrics.statistic(age, 'Maximum', START, START + DAY_MS)?.value).toBe(3 * MINUTE_MS);
  });

  test.each([
    ['is killed', kill],
    ['is stopped', (cloud: SmallCloud) => cloud.stop()],
  ])('and is being processed when the emulator %s is processed again', async (_, end) => {
    const clock = createDrivenClock(START);
    const first = await startCloud(clock);
    const id = first.lambda.enqueue({ principal: CALLER, function: 'stores', event: '{"hang":true}' });
    await expect.poll(() => existsSync(`${calls}-begun`)).toBe(true);
    await end(first);
    rmSync(`${calls}-begun`);
    const second = await startCloud(clock);
    await expect.poll(() => existsSync(`${calls}-begun`)).toBe(true);
    expect(readFileSync(join(folder, 'queues/lambda-events.jsonl'), 'utf8')).toContain(`"${id}"`);
    expect(second.events.losses).toEqual([]);
  });

  test('is reported as lost when its function no longer exists', async () => {
    const clock = createDrivenClock(START);
    const first = await startCloud(clock);
    first.lambda.enqueue({ principal: CALLER, function: 'stores', event: '{}' });
    await expect.poll(() => failures(first)).toBe(1);
    await kill(first);
    const second = await startCloud(clock, baseResources());
    expect(second.events.losses).toEqual(['an event of stores is lost: the function no longer exists']);
    await kill(second);
    expect((await startCloud(clock, baseResources())).events.losses).toEqual([]);
  });
});

test('a line that has been written and not sent reaches its subscriber after a restart', async () => {
  const clock = createDrivenClock(START);
  const subscription = {
    Type: 'AWS::Logs::SubscriptionFilter',
    Properties: {
      LogGroupName: '/log',
      FilterName: 'f',
      FilterPattern: '{ $.a = "x" }',
      DestinationArn: { 'Fn::GetAtt': ['Stores', 'Arn'] },
    },
    DependsOn: ['Log'],
  };
  const permission = {
    Type: 'AWS::Lambda::Permission',
    Properties: {
      FunctionName: { 'Fn::GetAtt': ['Stores', 'Arn'] },
      Action: 'lambda:InvokeFunction',
      Principal: 'logs.amazonaws.com',
    },
  };
  const resources = resourcesWith({ Filter: subscription, Permission: permission });
  const first = await startCloud(clock, resources);
  first.logs.vend('/log', 's', '{"a":"x","n":1}');
  first.logs.vend('/log', 's', '{"a":"other"}');
  await kill(first);
  repair();
  await startCloud(clock, resources);
  await clock.advance(1_000);
  await expect.poll(readCalls).toHaveLength(1);
  expect(readFileSync(join(folder, 'queues/log-events.jsonl'), 'utf8')).toBe('');
});

describe('a message in a queue', () => {
  const mayHaveMessages = { 'aws:sourcearn': TOPIC };
  const send = (cloud: SmallCloud, body: string) => cloud.sqs.send(CALLER, DEAD, body, mayHaveMessages);

  test('is there after a restart, until it expires', async () => {
    const clock = createDrivenClock(START);
    const first = await startCloud(clock);
    send(first, 'one');
    const sent = first.sqs.report();
    await kill(first);
    const second = await startCloud(clock);
    expect(second.sqs.report()).toEqual(sent);
    await clock.advance(DAY_MS - 1);
    send(second, 'two');
    expect(second.sqs.report().dead).toHaveLength(2);
    await clock.advance(1);
    expect(second.sqs.report().dead?.map(({ body }) => body)).toEqual(['two']);
    await kill(second);
    expect((await startCloud(clock)).sqs.report().dead?.map(({ body }) => body)).toEqual(['two']);
  });

  test('is gone for good once the queue was purged', async () => {
    const clock = createDrivenClock(START);
    const first = await startCloud(clock);
    send(first, 'one');
    const QueueUrl = 'https://sqs.us-east-1.amazonaws.com/000000000000/dead';
    const request = {
      method: 'POST',
      url: new URL(first.endpoint),
      headers: { 'x-amz-target': 'AmazonSQS.PurgeQueue' },
      body: Buffer.from(JSON.stringify({ QueueUrl })),
    };
    expect(createSqsApi(first.sqs, PLACE)(request, OPERATOR)).toMatchObject({ status: 200 });
    expect(first.sqs.report().dead).toEqual([]);
    await kill(first);
    expect((await startCloud(clock)).sqs.report().dead).toEqual([]);
  });
});

describe('a notification', () => {
  /** A webhook that confirms its subscription, and answers notifications with the present status. */
  const startWebhook = async ({ key, cert }: Certificate) => {
    const hook = { url: '', status: 503, ids: [] as string[] };
    const server = createServer({ key, cert }, async (request, response) => {
      const body = JSON.parse(await text(request));
      if (body.SubscribeURL) await fetch(body.SubscribeURL);
      else hook.ids.push(body.MessageId);
      response.writeHead(body.SubscribeURL ? 200 : hook.status).end();
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    ends.push(() => server.close());
    hook.url = `https://localhost:${(server.address() as AddressInfo).port}/`;
    return hook;
  };

  test('whose retry is due later is delivered after a restart, with its id and no further retries than otherwise', async () => {
    const clock = createDrivenClock(START);
    const certificate = await makeCertificate();
    const hook = await startWebhook(certificate);
    const resources = resourcesWith({
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
      Hook: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'https', Endpoint: hook.url },
      },
    });
    const first = await startCloud(clock, resources, certificate.cert);
    const source = { 'aws:sourceaccount': PLACE.account };
    await first.sns.publish(ALARMS, TOPIC, { subject: 'ALARM', message: '{}' }, source);
    expect(hook.ids).toHaveLength(1);
    await kill(first);
    const second = await startCloud(clock, resources, certificate.cert);
    await clock.advance(20_000);
    const outcomes = (cloud: SmallCloud) => cloud.events.deliveries.map(({ outcome }) => outcome);
    expect(outcomes(second)).toEqual(['failed']);
    hook.status = 200;
    await clock.advance(20_000);
    expect(outcomes(second)).toEqual(['failed', 'delivered']);
    expect(new Set(hook.ids).size).toBe(1);
    await kill(second);
    const third = await startCloud(clock, resources, certificate.cert);
    await clock.advance(DAY_MS);
    expect(outcomes(third)).toEqual([]);
  });
});

test('queues that cannot be read are put aside with a notice, and everything starts', async () => {
  const clock = createDrivenClock(START);
  const first = await startCloud(clock);
  const id = first.lambda.enqueue({ principal: CALLER, function: 'stores', event: '{"a":1}' });
  await expect.poll(() => failures(first)).toBe(1);
  await kill(first);
  repair();
  const events = join(folder, 'queues/lambda-events.jsonl');
  writeFileSync(events, `${readFileSync(events, 'utf8')}["torn",{"name":"stor`);
  writeFileSync(join(folder, 'queues/sqs-messages.jsonl'), Buffer.from([0, 255, 254, 10, 0]));
  const second = await startCloud(clock);
  await clock.advance(MINUTE_MS);
  await expect.poll(readCalls).toEqual([`${id} {"a":1}`]);
  expect(second.events.losses).toEqual([
    expect.stringMatching(
      /^some of what .*sqs-messages\.jsonl held may be lost \(unreadable lines: 2\); the whole file is retained/,
    ),
    expect.stringMatching(
      /^some of what .*lambda-events\.jsonl held may be lost \(unreadable lines: 1\); the whole file is retained/,
    ),
  ]);
});
