import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from 'vitest';
import { createDrivenClock } from '../../emulator/clock.ts';
import { aFunction, aRole, baseResources, CALLER, PLACE, startSmallCloud } from '../support/small-cloud.ts';

type SmallCloud = Awaited<ReturnType<typeof startSmallCloud>>;

const arnOf = (name: string) => `arn:aws:sqs:${PLACE.region}:${PLACE.account}:${name}`;
const urlOf = (name: string) => `https://sqs.${PLACE.region}.amazonaws.com/${PLACE.account}/${name}`;
const QUEUE = 'work.fifo';
const DEAD = 'dead.fifo';

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const queues = (work: object = {}, dead: object = {}) => ({
  Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: DEAD, FifoQueue: true, ...dead } },
  Work: {
    Type: 'AWS::SQS::Queue',
    Properties: {
      QueueName: QUEUE,
      FifoQueue: true,
      VisibilityTimeout: 10,
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 2 },
      ...work,
    },
  },
});

const start = async (options: Partial<Parameters<typeof startSmallCloud>[0]> = {}) => {
  const clock = createDrivenClock(Date.UTC(2026, 10, 20));
  const cloud = await startSmallCloud({ resources: { ...baseResources(), ...queues() }, clock, ...options });
  ends.push(cloud.stop);
  return { cloud, clock };
};

const clientOf = (cloud: SmallCloud, role = CALLER.role) => {
  const { accessKeyId, secretAccessKey } = cloud.iam.credentialsOf(role);
  return new SQSClient({
    endpoint: cloud.endpoint,
    useQueueUrlAsEndpoint: false,
    region: PLACE.region,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
  });
};

/** Sends messages that are named after their groups: `a1` is in the group `a`. */
const sendTo = (cloud: SmallCloud, ...names: string[]) => {
  for (const name of names) {
    cloud.sqs.send(CALLER, arnOf(QUEUE), name, {}, { group: name.slice(0, 1), deduplication: name });
  }
};
const receive = (cloud: SmallCloud, max = 10) => cloud.sqs.receive(CALLER, arnOf(QUEUE), max);
const bodies = (messages: readonly { body: string }[]) => messages.map(({ body }) => body);

describe('a FIFO queue', () => {
  test('hands over a group in order, and nothing of it while an earlier message is worked on', async () => {
    const { cloud, clock } = await start();
    sendTo(cloud, 'a1', 'a2', 'b1');
    const [first] = receive(cloud, 1);
    expect(first?.body).toBe('a1');
    expect(bodies(receive(cloud))).toEqual(['b1']);
    await clock.advance(10_000);
    expect(bodies(receive(cloud))).toEqual(['a1', 'a2', 'b1']);
  });

  test('goes on with a group when its message is deleted', async () => {
    const { cloud } = await start();
    sendTo(cloud, 'a1', 'a2');
    const [first] = receive(cloud, 1);
    cloud.sqs.delete(CALLER, arnOf(QUEUE), [first?.receipt ?? '']);
    expect(bodies(receive(cloud))).toEqual(['a2']);
  });

  test('holds a group back for as long as its message is made invisible', async () => {
    const { cloud, clock } = await start();
    sendTo(cloud, 'a1', 'a2');
    const [first] = receive(cloud, 1);
    cloud.sqs.changeVisibility(CALLER, arnOf(QUEUE), first?.receipt ?? '', 3_600);
    await clock.advance(3_599_000);
    expect(receive(cloud)).toEqual([]);
    await clock.advance(1_000);
    expect(bodies(receive(cloud))).toEqual(['a1', 'a2']);
  });

  test('puts a message aside that was received too often, and goes on with its group', async () => {
    const { cloud, clock } = await start();
    sendTo(cloud, 'a1');
    for (const _ of [1, 2]) {
      expect(bodies(receive(cloud))).toEqual(['a1']);
      await clock.advance(10_000);
    }
    sendTo(cloud, 'a2');
    expect(bodies(receive(cloud))).toEqual(['a2']);
    expect(cloud.sqs.report()[DEAD]).toMatchObject([
      { body: 'a1', sentAt: clock.now(), fifo: { group: 'a', deduplication: 'a1' } },
    ]);
  });

  test('takes a message once that is sent again within five minutes, also after it was deleted', async () => {
    const { cloud, clock } = await start();
    sendTo(cloud, 'a1', 'a1');
    const received = receive(cloud);
    expect(bodies(received)).toEqual(['a1']);
    cloud.sqs.delete(
      CALLER,
      arnOf(QUEUE),
      received.map(({ receipt }) => receipt),
    );
    sendTo(cloud, 'a1');
    expect(receive(cloud)).toEqual([]);
    await clock.advance(5 * 60_000);
    sendTo(cloud, 'a1');
    expect(bodies(receive(cloud))).toEqual(['a1']);
  });

  test('refuses a receipt whose time is over', async () => {
    const { cloud, clock } = await start();
    sendTo(cloud, 'a1');
    const [first] = receive(cloud, 1);
    await clock.advance(10_000);
    expect(() => cloud.sqs.delete(CALLER, arnOf(QUEUE), [first?.receipt ?? ''])).toThrow('not in flight');
    expect(() => cloud.sqs.changeVisibility(CALLER, arnOf(QUEUE), first?.receipt ?? '', 1)).toThrow('not in flight');
  });
});

describe('what cannot be deployed', () => {
  test.each<[string, object, string]>([
    ['a FIFO queue without .fifo in its name', queues({ QueueName: 'work' }), '.fifo'],
    ['a standard queue with .fifo in its name', queues({ FifoQueue: false }), '.fifo'],
    [
      'a FIFO queue with a standard dead-letter queue',
      queues({}, { QueueName: 'dead', FifoQueue: false }),
      'must be a FIFO queue as well',
    ],
    [
      'a batching window on a FIFO queue',
      {
        ...queues(),
        Works: aFunction('works'),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
            FunctionName: { Ref: 'Works' },
            MaximumBatchingWindowInSeconds: 1,
          },
        },
      },
      'does not support a batching window',
    ],
  ])('%s', async (_, resources, message) => {
    const code = { works: 'export const handler = async () => {};' };
    await expect(startSmallCloud({ code, resources: { ...baseResources(), ...resources } })).rejects.toThrow(message);
  });
});

describe('over the API', () => {
  const attributes = { Reason: { DataType: 'String', StringValue: 'it is no notice' } };
  const send = (client: SQSClient, input: object) =>
    client.send(
      new SendMessageCommand({
        QueueUrl: urlOf(QUEUE),
        MessageBody: 'm',
        MessageGroupId: 'a',
        MessageDeduplicationId: '1',
        ...input,
      }),
    );

  test('a message is sent, received, made invisible, deleted, and moved back from the dead letters', async () => {
    const { cloud, clock } = await start();
    const client = clientOf(cloud);
    const sent = await send(client, { MessageAttributes: attributes });
    expect(await send(client, {})).toMatchObject({ MessageId: sent.MessageId });
    const receiveOne = async () =>
      (await client.send(new ReceiveMessageCommand({ QueueUrl: urlOf(QUEUE) }))).Messages?.[0];
    const first = await receiveOne();
    expect(first).toMatchObject({
      MessageId: sent.MessageId,
      Body: 'm',
      Attributes: { MessageGroupId: 'a', ApproximateReceiveCount: '1' },
      MessageAttributes: attributes,
    });
    const receipt = { QueueUrl: urlOf(QUEUE), ReceiptHandle: first?.ReceiptHandle };
    await client.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 0 }));
    await receiveOne();
    await clock.advance(10_000);
    expect(await receiveOne()).toBeUndefined();
    expect(cloud.sqs.report()[DEAD]).toHaveLength(1);
    await client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(DEAD) }));
    const again = await receiveOne();
    expect(again).toMatchObject({ Body: 'm', Attributes: { ApproximateReceiveCount: '1' } });
    expect(again?.MessageId).not.toBe(sent.MessageId);
    await client.send(new DeleteMessageCommand({ ...receipt, ReceiptHandle: again?.ReceiptHandle }));
    expect(cloud.sqs.report()).toEqual({ [QUEUE]: [], [DEAD]: [] });
  });

  test.each([
    ['without a group', { MessageGroupId: undefined }, 'MissingParameter'],
    ['with a group that is too long', { MessageGroupId: 'a'.repeat(129) }, 'InvalidParameterValue'],
    ['with a space in its group', { MessageGroupId: 'a b' }, 'InvalidParameterValue'],
    ['without an id', { MessageDeduplicationId: undefined }, 'InvalidParameterValue'],
    ['without a body', { MessageBody: '' }, 'MissingParameter'],
    ['with characters that XML does not have', { MessageBody: 'a\uffffb' }, 'InvalidMessageContents'],
    ['of more than a mebibyte', { MessageBody: 'ü'.repeat(600_000) }, 'InvalidParameterValue'],
    ['to an unknown queue', { QueueUrl: urlOf('other.fifo') }, 'QueueDoesNotExist'],
  ])('a message %s is refused', async (_, input, name) => {
    const { cloud } = await start();
    await expect(send(clientOf(cloud), input)).rejects.toMatchObject({ name });
    expect(cloud.sqs.report()[QUEUE]).toEqual([]);
  });

  test('a message stays invisible for at most twelve hours after it was received', async () => {
    const { cloud, clock } = await start();
    const client = clientOf(cloud);
    await send(client, {});
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl: urlOf(QUEUE) }));
    const hide = (VisibilityTimeout: number, ReceiptHandle = Messages[0]?.ReceiptHandle) =>
      client.send(new ChangeMessageVisibilityCommand({ QueueUrl: urlOf(QUEUE), ReceiptHandle, VisibilityTimeout }));
    await hide(12 * 3_600);
    await clock.advance(1_000);
    await expect(hide(12 * 3_600)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    await expect(hide(1, 'other')).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });

  test('each operation needs its right', async () => {
    const resources = { ...baseResources(), ...queues(), Nobody: aRole('nobody', []) };
    const { cloud } = await start({ resources });
    const client = clientOf(cloud, `arn:aws:iam::${PLACE.account}:role/nobody`);
    const receipt = { QueueUrl: urlOf(QUEUE), ReceiptHandle: 'r' };
    await expect(send(client, {})).rejects.toThrow('sqs:SendMessage');
    await expect(client.send(new ReceiveMessageCommand({ QueueUrl: urlOf(QUEUE) }))).rejects.toThrow('sqs:Receive');
    await expect(client.send(new DeleteMessageCommand(receipt))).rejects.toThrow('sqs:DeleteMessage');
    await expect(client.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 1 }))).rejects.toThrow(
      'sqs:ChangeMessageVisibility',
    );
    await expect(client.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(DEAD) }))).rejects.toThrow(
      'sqs:StartMessageMoveTask',
    );
  });
});

describe('a mapping on a FIFO queue', () => {
  /** Logs what it gets, and reports the first messages of the group `f` as failed. */
  const CODE = {
    works: `let failures = 0;
      export const handler = async ({ Records }) => {
        const names = Records.map(({ body, attributes }) => attributes.MessageGroupId + ':' + body);
        process.stdout.write(JSON.stringify({ names }) + '\\n');
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { batchItemFailures: Records.filter(({ body }) => body === 'f1' && failures++ < 1)
          .map(({ messageId }) => ({ itemIdentifier: messageId })) };
      };`,
  };

  test('runs groups side by side, and each group in order, also behind a message that failed', async () => {
    const cloud = await startSmallCloud({
      code: CODE,
      resources: {
        ...baseResources(),
        ...queues({ VisibilityTimeout: 1 }),
        Works: aFunction('works'),
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: {
            EventSourceArn: { 'Fn::GetAtt': ['Work', 'Arn'] },
            FunctionName: { Ref: 'Works' },
            BatchSize: 1,
            FunctionResponseTypes: ['ReportBatchItemFailures'],
            ScalingConfig: { MaximumConcurrency: 2 },
          },
        },
      },
    });
    ends.push(cloud.stop);
    sendTo(cloud, 'f1', 'f2', 'g1', 'g2');
    await expect.poll(() => cloud.sqs.report()[QUEUE], { timeout: 10_000 }).toEqual([]);
    const names = cloud.logs
      .read('/log')
      .map(({ message }) => JSON.parse(message))
      .flatMap((line) => line.names ?? []);
    expect(names.filter((name: string) => name.startsWith('f'))).toEqual(['f:f1', 'f:f1', 'f:f2']);
    expect(names.filter((name: string) => name.startsWith('g'))).toEqual(['g:g1', 'g:g2']);
    expect(cloud.events.refusals).toEqual([]);
  });
});
