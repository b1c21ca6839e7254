import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, describe, expect, test } from 'vitest';
import { createDrivenClock } from '../../emulator/clock.ts';
import { Queue } from '../../emulator/sqs/queue.ts';
import { ALLOW_ALL, aFunction, aRole, baseResources, CALLER, PLACE, startSmallCloud } from '../support/small-cloud.ts';

type SmallCloud = Awaited<ReturnType<typeof startSmallCloud>>;
const QUEUE = `arn:aws:sqs:us-east-1:${PLACE.account}:work`;
const TOPIC = `arn:aws:sns:us-east-1:${PLACE.account}:news`;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const start = async (options: Parameters<typeof startSmallCloud>[0]): Promise<SmallCloud> => {
  const cloud = await startSmallCloud(options);
  ends.push(cloud.stop);
  return cloud;
};
const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'queues-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Logs the bodies it receives; fails for a body that contains `fail`, and reports those that contain `bad`. */
const CODE = {
  works: `export const handler = async ({ Records }) => {
      const bodies = Records.map(({ body }) => body);
      if (bodies.some((body) => body.includes('fail'))) throw new Error('no');
      process.stdout.write(JSON.stringify({ bodies, receives: Records.map(({ attributes }) =>
        attributes.ApproximateReceiveCount) }) + '\\n');
      return { batchItemFailures: Records.filter(({ body }) => body.includes('bad'))
        .map(({ messageId }) => ({ itemIdentifier: messageId })) };
    };`,
};

const sqsStatement = (...actions: string[]) => ({ Effect: 'Allow', Action: actions, Resource: QUEUE });
const LOGS = { Effect: 'Allow', Action: 'logs:*', Resource: '*' };
const READS = sqsStatement('sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes');

const resourcesWith = (queue: object = {}, mapping: object = {}, statements: object[] = [LOGS, READS]) => ({
  ...baseResources(statements),
  Works: aFunction('works'),
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
  Work: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: 'work',
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
      ...queue,
    },
  },
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
      FunctionName: { Ref: 'Works' },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...mapping,
    },
  },
});

const send = (cloud: SmallCloud, ...bodies: string[]) => {
  for (const body of bodies) cloud.sqs.send(CALLER, QUEUE, body);
};
/** What the function logged: the bodies of each batch. */
const batches = (cloud: SmallCloud): { bodies: string[]; receives: string[] }[] =>
  cloud.logs
    .read('/log')
    .map(({ message }) => JSON.parse(message))
    .filter(({ bodies }) => bodies);
const bodiesIn = (cloud: SmallCloud, queue: string) => cloud.sqs.report()[queue]?.map(({ body }) => body);

describe('an event source mapping', () => {
  test('hands messages over in batches, and deletes those that were processed', async () => {
    const cloud = await start({
      code: CODE,
      resources: resourcesWith({ VisibilityTimeout: 30 }, { MaximumBatchingWindowInSeconds: 1, BatchSize: 2 }),
    });
    send(cloud, 'a', 'b', 'c');
    await expect.poll(() => bodiesIn(cloud, 'work')).toEqual([]);
    // Two batches run at the same time, and either may end first.
    expect(batches(cloud).map(({ bodies }) => bodies.length)).toEqual(expect.arrayContaining([2, 1]));
    expect(batches(cloud)).toHaveLength(2);
    expect(cloud.events.refusals).toEqual([]);
  });

  test('delivers a message again that is reported as failed, and then puts it aside, while others go on', async () => {
    const cloud = await start({ code: CODE, resources: resourcesWith() });
    send(cloud, 'bad', 'a', 'b');
    await expect.poll(() => bodiesIn(cloud, 'dead')).toEqual(['bad']);
    expect(bodiesIn(cloud, 'work')).toEqual([]);
    const delivered = batches(cloud).flatMap(({ bodies, receives }) =>
      bodies.map((body, index) => `${body} ${receives[index]}`),
    );
    expect(delivered.sort()).toEqual(['a 1', 'b 1', 'bad 1', 'bad 2']);
  });

  test('delivers a whole batch again when the function throws', async () => {
    const cloud = await start({ code: CODE, resources: resourcesWith() });
    send(cloud, 'fail', 'a');
    await expect.poll(() => bodiesIn(cloud, 'dead')?.toSorted()).toEqual(['a', 'fail']);
  });

  test('cannot be deployed when the role may not read the queue', async () => {
    const resources = resourcesWith({}, {}, [LOGS, sqsStatement('sqs:ReceiveMessage')]);
    await expect(startSmallCloud({ code: CODE, resources })).rejects.toThrow('sqs:GetQueueAttributes');
  });

  test('goes on after a restart with what was in the queue', async () => {
    const folder = aFolder();
    const clock = createDrivenClock(Date.now());
    const before = await startSmallCloud({ code: CODE, resources: resourcesWith(), folder, clock });
    send(before, 'a');
    await before.stop();
    const after = await start({ code: CODE, resources: resourcesWith(), folder });
    after.sqs.resume();
    await expect.poll(() => batches(after).flatMap(({ bodies }) => bodies)).toEqual(['a']);
  });
});

test('announces a message when it is visible again, however the time passes while it is received', () => {
  let now = 0;
  const timers: { at: number; work: () => unknown }[] = [];
  // A millisecond passes at each look at it.
  const clock = {
    now: () => now++,
    after: (ms: number, work: () => unknown) => {
      timers.push({ at: clock.now() + ms, work });
      return () => {};
    },
  };
  const options = { retentionMs: 60_000, visibilityMs: 1_000, redrive: undefined, isFifo: false, clock };
  const queue = new Queue({ name: 'work', arn: QUEUE, ...options });
  for (const id of ['a', 'b']) queue.add({ id, sentAt: 0, body: id, receives: 0 });
  expect(queue.receive(10)).toHaveLength(2);
  let announced = 0;
  queue.listen(() => {
    announced += 1;
  });
  for (const { at, work } of timers) {
    now = at;
    work();
  }
  expect(announced).toBe(1);
  expect(queue.receive(10)).toHaveLength(2);
});

test('a queue’s metrics count what is visible and how long the oldest message has been there', async () => {
  const clock = createDrivenClock(Date.UTC(2026, 10, 20));
  const { Dead, Work } = resourcesWith();
  const cloud = await start({ resources: { ...baseResources(), Dead, Work }, clock });
  send(cloud, 'a', 'b');
  ends.push(cloud.sqs.start());
  await clock.advance(120_000);
  expect(cloud.sqs.receive(CALLER, QUEUE, 1).map(({ body }) => body)).toEqual(['a']);
  const latest = (name: string) =>
    cloud.metrics.statistic(
      { namespace: 'AWS/SQS', name, dimensions: { QueueName: 'work' } },
      'Maximum',
      0,
      clock.now() + 1,
    )?.value;
  expect(latest('ApproximateAgeOfOldestMessage')).toBe(120);
  expect(latest('ApproximateNumberOfMessagesVisible')).toBe(2);
});

const withTopic = (policy: boolean) => ({
  ...baseResources(),
  Work: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'work' } },
  News: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'news' } },
  Subscription: {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'News' }, Protocol: 'sqs', Endpoint: QUEUE },
  },
  Mail: {
    Type: 'AWS::SNS::Subscription',
    Properties: { TopicArn: { Ref: 'News' }, Protocol: 'email', Endpoint: 'a@example.com' },
  },
  ...(policy && {
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Work' }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Action: 'sqs:SendMessage',
              Resource: QUEUE,
              Principal: { Service: 'sns.amazonaws.com' },
              Condition: { ArnEquals: { 'aws:SourceArn': TOPIC } },
            },
          ],
        },
      },
    },
  }),
});

/** A client under the role of `CALLER`, or of another name. */
const configFor = (cloud: SmallCloud, role = CALLER.role) => {
  const { accessKeyId, secretAccessKey } = cloud.iam.credentialsOf(role);
  return {
    endpoint: cloud.endpoint,
    region: PLACE.region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  };
};

describe('a queue that subscribes to a topic', () => {
  test('receives each message in an envelope that names the topic', async () => {
    const cloud = await start({ resources: withTopic(true) });
    await cloud.sns.publish(CALLER, TOPIC, { subject: 's', message: 'm' }, {});
    const [body = '{}'] = bodiesIn(cloud, 'work') ?? [];
    expect(JSON.parse(body)).toMatchObject({ Type: 'Notification', TopicArn: TOPIC, Subject: 's', Message: 'm' });
  });

  test('whose policy does not let the topic send receives nothing, and the message is given up', async () => {
    const cloud = await start({ resources: withTopic(false) });
    await cloud.sns.publish(CALLER, TOPIC, { subject: 's', message: 'm' }, {});
    expect(bodiesIn(cloud, 'work')).toEqual([]);
    expect(cloud.events.deliveries.find(({ protocol }) => protocol === 'sqs')).toMatchObject({
      outcome: 'given-up',
      why: 'the queue does not let the topic send',
    });
  });
});

describe('publishing over the API', () => {
  const publish = (cloud: SmallCloud, input: Record<string, unknown>, role?: string) =>
    new SNSClient(configFor(cloud, role)).send(new PublishCommand({ TopicArn: TOPIC, Message: 'm', ...input }));

  test('gives each protocol its own message', async () => {
    const cloud = await start({ resources: withTopic(true) });
    const Message = JSON.stringify({ default: 'for all', email: 'for mail' });
    await publish(cloud, { Message, MessageStructure: 'json', Subject: 'subject' });
    await expect.poll(() => cloud.events.deliveries).toHaveLength(2);
    const byProtocol = cloud.events.deliveries.map(({ protocol, subject, message }) => [protocol, subject, message]);
    expect(byProtocol.sort()).toEqual([
      ['email', 'subject', 'for mail'],
      ['sqs', 'subject', 'for all'],
    ]);
  });

  test.each([
    ['an empty message', { Message: '' }, 'Empty message'],
    ['a long message', { Message: 'x'.repeat(262_145) }, 'Message too long'],
    ['a subject of two lines', { Subject: 'two\nlines' }, 'Subject'],
    ['a subject that is not ASCII', { Subject: 'ü' }, 'Subject'],
    ['a long subject', { Subject: 'x'.repeat(100) }, 'Subject'],
    ['a structure that is not JSON', { Message: '{', MessageStructure: 'json' }, 'failed to parse'],
    ['a structure without a default', { Message: '{"email":"m"}', MessageStructure: 'json' }, 'No default entry'],
  ])('refuses %s, as SNS does', async (_, input, reason) => {
    const cloud = await start({ resources: withTopic(true) });
    await expect(publish(cloud, input)).rejects.toThrow(reason);
  });

  test('needs the right to publish', async () => {
    const resources = { ...withTopic(true), Nobody: aRole('nobody', [LOGS]) };
    const cloud = await start({
      resources: {
        ...resources,
        // The default policy would let everybody in the account.
        TopicPolicy: {
          Type: 'AWS::SNS::TopicPolicy',
          Properties: { Topics: [{ Ref: 'News' }], PolicyDocument: { Statement: [] } },
        },
      },
    });
    await expect(publish(cloud, {}, `arn:aws:iam::${PLACE.account}:role/nobody`)).rejects.toThrow('sns:Publish');
  });
});

describe('a table', () => {
  const TABLE = {
    Type: 'AWS::DynamoDB::Table',
    Properties: {
      TableName: 'facts',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    },
  };
  const Key = { id: { S: 'a' } };
  const TableName = 'facts';

  test('holds items, and its conditions decide which write wins', async () => {
    const cloud = await start({ resources: { ...baseResources([ALLOW_ALL]), Facts: TABLE } });
    const table = new DynamoDBClient(configFor(cloud));
    const putFirst = new PutItemCommand({
      TableName,
      Item: { ...Key, version: { N: '1' } },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    await table.send(putFirst);
    await expect(table.send(putFirst)).rejects.toThrow(ConditionalCheckFailedException);
    await table.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'ADD version :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    );
    const { Item } = await table.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    expect(Item).toEqual({ ...Key, version: { N: '2' } });
    const { Items } = await table.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: 'id = :id',
        ExpressionAttributeValues: { ':id': { S: 'a' } },
      }),
    );
    expect(Items).toHaveLength(1);
    await expect(
      table.send(new PutItemCommand({ TableName, Item: { ...Key, blob: { B: new Uint8Array(410_000) } } })),
    ).rejects.toThrow('Item size has exceeded the maximum allowed size');
    await table.send(new DeleteItemCommand({ TableName, Key }));
    expect((await table.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
  });

  test('is closed to a role without the right', async () => {
    const resources = { ...baseResources(), Nobody: aRole('nobody', [LOGS]), Facts: TABLE };
    const cloud = await start({ resources });
    const table = new DynamoDBClient(configFor(cloud, `arn:aws:iam::${PLACE.account}:role/nobody`));
    await expect(table.send(new GetItemCommand({ TableName, Key }))).rejects.toThrow('dynamodb:GetItem');
    expect(cloud.events.refusals[0]?.resource).toBe(`arn:aws:dynamodb:us-east-1:${PLACE.account}:table/facts`);
  });

  test('holds its items after a restart', async () => {
    const folder = aFolder();
    const resources = { ...baseResources(), Facts: TABLE };
    const before = await startSmallCloud({ resources, folder });
    await new DynamoDBClient(configFor(before)).send(new PutItemCommand({ TableName, Item: Key }));
    await before.stop();
    const after = await start({ resources, folder });
    const { Item } = await new DynamoDBClient(configFor(after)).send(new GetItemCommand({ TableName, Key }));
    expect(Item).toEqual(Key);
  });
});
