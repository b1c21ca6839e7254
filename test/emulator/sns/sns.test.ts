import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { makeCertificate } from '../../../emulator/certificate.ts';
import { createDrivenClock, HOUR_MS, MINUTE_MS } from '../../../emulator/clock.ts';
import { deliveryPolicy, retryDelaysOf } from '../../../emulator/sns/delivery-policy.ts';
import { PLACE, startSmallCloud } from '../../support/small-cloud.ts';

const TOPIC = `arn:aws:sns:us-east-1:${PLACE.account}:alerts`;
const ALARMS = { service: 'cloudwatch.amazonaws.com' };
const FROM_AN_ALARM = { 'aws:sourceaccount': PLACE.account };
const START = Date.UTC(2026, 10, 20, 22, 0, 0);

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A webhook that answers with the status from `statusFor`, and records the messages it receives. */
const startWebhook = async (statusFor: (type: string) => number, confirms = true) => {
  const received: { type: string; body: Record<string, string> }[] = [];
  const { key, cert } = await makeCertificate();
  const server = createServer({ key, cert }, async (request, response) => {
    const type = String(request.headers['x-amz-sns-message-type']);
    const body = JSON.parse(await text(request));
    received.push({ type, body });
    if (confirms && body.SubscribeURL) await fetch(body.SubscribeURL);
    response.writeHead(statusFor(type)).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  ends.push(() => server.close());
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/hook`, received, cert };
};

const queuePolicy = {
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [{ Ref: 'Dead' }],
    PolicyDocument: {
      Statement: [
        {
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Resource: '*',
          Principal: { Service: 'sns.amazonaws.com' },
          Condition: { ArnEquals: { 'aws:SourceArn': TOPIC } },
        },
      ],
    },
  },
};

const subscriptionOf = (hook: { url: string }, more: object) => ({
  Type: 'AWS::SNS::Subscription',
  Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'https', Endpoint: hook.url, ...more },
});

const startCloudWith = async (hook: { url: string; cert: string }, more: Record<string, object> = {}) => {
  const clock = createDrivenClock(START);
  const cloud = await startSmallCloud({
    clock,
    trusted: hook.cert,
    resources: {
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alerts' } },
      Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
      DeadPolicy: queuePolicy,
      Hook: {
        Type: 'AWS::SNS::Subscription',
        Properties: {
          TopicArn: { Ref: 'Topic' },
          Protocol: 'https',
          Endpoint: hook.url,
          RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
        },
      },
      ...more,
    },
  });
  ends.push(cloud.stop);
  const publish = () => cloud.sns.publish(ALARMS, TOPIC, { subject: 'ALARM: "x"', message: '{"a":1}' }, FROM_AN_ALARM);
  return { clock, cloud, publish };
};

test('a webhook is asked to confirm, and then receives notifications in the documented envelope', async () => {
  const hook = await startWebhook(() => 200);
  const { cloud, publish } = await startCloudWith(hook);
  await publish();
  expect(hook.received.map(({ type }) => type)).toEqual(['SubscriptionConfirmation', 'Notification']);
  expect(hook.received[1]?.body).toMatchObject({
    Type: 'Notification',
    TopicArn: TOPIC,
    Subject: 'ALARM: "x"',
    Message: '{"a":1}',
  });
  expect(cloud.events.deliveries).toMatchObject([{ outcome: 'delivered', protocol: 'https', endpoint: hook.url }]);
});

test('a webhook that does not confirm receives no notifications', async () => {
  const hook = await startWebhook(() => 200, false);
  const { cloud, publish } = await startCloudWith(hook);
  await publish();
  expect(hook.received.map(({ type }) => type)).toEqual(['SubscriptionConfirmation']);
  expect(cloud.sns.report()).toMatchObject([{ confirmed: false }]);
});

test('a delivery to a failing webhook is retried three times in a minute, then goes to the queue', async () => {
  const hook = await startWebhook((type) => (type === 'Notification' ? 503 : 200));
  const { clock, cloud, publish } = await startCloudWith(hook);
  await publish();
  await clock.advance(19_999);
  expect(cloud.events.deliveries).toHaveLength(1);
  for (const attempts of [2, 3, 4]) {
    await clock.advance(20_000);
    expect(cloud.events.deliveries).toHaveLength(attempts);
  }
  expect(cloud.events.deliveries.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'failed', 'given-up']);
  expect(JSON.parse(cloud.sqs.report().dead?.[0]?.body ?? '{}')).toMatchObject({ Message: '{"a":1}' });
  const failed = { namespace: 'AWS/SNS', name: 'NumberOfNotificationsFailed', dimensions: { TopicName: 'alerts' } };
  // "For HTTP or HTTPS endpoints, the metric includes every failed delivery attempt"
  // (Monitoring Amazon SNS topics using CloudWatch).
  expect(cloud.metrics.statistic(failed, 'Sum', START, START + HOUR_MS)?.value).toBe(4);
});

test('a delivery that the webhook rejects permanently is not retried', async () => {
  const hook = await startWebhook((type) => (type === 'Notification' ? 403 : 200));
  const { cloud, publish } = await startCloudWith(hook);
  await publish();
  expect(cloud.events.deliveries).toMatchObject([{ outcome: 'given-up', why: 'the webhook answered 403' }]);
});

test('a queue whose policy does not name the topic receives nothing', async () => {
  const hook = await startWebhook((type) => (type === 'Notification' ? 403 : 200));
  const { cloud, publish } = await startCloudWith(hook, {
    DeadPolicy: { ...queuePolicy, Properties: { ...queuePolicy.Properties, PolicyDocument: { Statement: [] } } },
  });
  await publish();
  expect(cloud.sqs.report().dead).toEqual([]);
  expect(cloud.events.refusals).toMatchObject([{ principal: 'sns.amazonaws.com', action: 'sqs:SendMessage' }]);
});

test('a topic policy that only enforces TLS replaces the default policy, so CloudWatch may not publish', async () => {
  const hook = await startWebhook(() => 200);
  const { publish } = await startCloudWith(hook, {
    Policy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'Topic' }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Deny',
              Action: 'sns:Publish',
              Resource: '*',
              Principal: '*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
            },
          ],
        },
      },
    },
  });
  expect(publish).toThrow('cloudwatch.amazonaws.com is not authorized to perform: sns:Publish');
});

test('a subscription receives only messages that its filter policy matches, and the others are counted', async () => {
  const hook = await startWebhook(() => 200);
  const filteredSubscription = (FilterPolicy: object) => ({
    Type: 'AWS::SNS::Subscription',
    Properties: {
      TopicArn: { Ref: 'Topic' },
      Protocol: 'email',
      Endpoint: 'someone@example.com',
      FilterPolicyScope: 'MessageBody',
      FilterPolicy,
    },
  });
  const { cloud, publish } = await startCloudWith(hook, {
    Matching: filteredSubscription({ a: [1] }),
    Excluding: filteredSubscription({ a: [{ 'anything-but': 1 }] }),
  });
  await publish();
  expect(cloud.events.deliveries.map(({ protocol }) => protocol).sort()).toEqual(['email', 'https']);
  for (const end of ['', '-MessageBody']) {
    const name = `NumberOfNotificationsFilteredOut${end}`;
    const metric = { namespace: 'AWS/SNS', name, dimensions: { TopicName: 'alerts' } };
    expect(cloud.metrics.statistic(metric, 'Sum', START, START + MINUTE_MS)?.value).toBe(1);
  }
});

test('a delivery policy sets the number of retries and their delays', async () => {
  const policy = { numRetries: 6, numNoDelayRetries: 1, numMinDelayRetries: 1, numMaxDelayRetries: 1 };
  const healthyRetryPolicy = { ...policy, minDelayTarget: 10, maxDelayTarget: 40 };
  expect(retryDelaysOf(deliveryPolicy.parse({ healthyRetryPolicy }))).toEqual([
    0, 10_000, 10_000, 25_000, 40_000, 40_000,
  ]);
  expect(retryDelaysOf(deliveryPolicy.parse(undefined))).toEqual([20_000, 20_000, 20_000]);

  const hook = await startWebhook((type) => (type === 'Notification' ? 503 : 200));
  const { clock, cloud, publish } = await startCloudWith(hook, {
    Hook: subscriptionOf(hook, { DeliveryPolicy: { healthyRetryPolicy } }),
  });
  await publish();
  await clock.advance(125_000);
  expect(cloud.events.deliveries.map(({ at }) => (at - START) / 1_000)).toEqual([0, 0, 10, 20, 45, 85, 125]);
});

test('with raw message delivery a webhook receives the message without the envelope', async () => {
  const hook = await startWebhook(() => 200);
  const { publish } = await startCloudWith(hook, { Hook: subscriptionOf(hook, { RawMessageDelivery: true }) });
  await publish();
  expect(hook.received[1]?.body).toEqual({ a: 1 });
});

test.each([
  ['AWS::SNS::Topic', { FifoTopic: true }, 'does not support FIFO topics'],
  ['AWS::SNS::Topic', { ArchivePolicy: {} }, 'ArchivePolicy'],
])('a %s with %j is refused when the template is deployed', async (Type, Properties, words) => {
  await expect(startSmallCloud({ resources: { It: { Type, Properties } } })).rejects.toThrow(words);
});
