import { describe, expect, test } from 'vitest';
import { createIam, type Refusal } from '../../emulator/iam/iam.ts';
import { policyDocument } from '../../emulator/iam/policy.ts';
import { createKms } from '../../emulator/kms.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const ROLE = 'arn:aws:iam::000000000000:role/r';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';

const withRole = async (statements: object[], trusts = 'lambda.amazonaws.com') => {
  const refusals: Refusal[] = [];
  const iam = createIam(PLACE, (refusal) => refusals.push(refusal));
  await iam.rules['AWS::IAM::Role']({
    stack: 'S',
    logicalId: 'R',
    properties: {
      RoleName: 'r',
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: trusts } }],
      },
      Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }],
    },
  });
  return { iam, refusals };
};

const statementsOf = (...statements: object[]) => policyDocument.parse({ Statement: statements }).Statement;
const send = { principal: { role: ROLE }, action: 'sqs:SendMessage', resource: QUEUE };

test('what no policy allows is refused, and the refusal names who, what and where', async () => {
  const { iam, refusals } = await withRole([]);
  expect(() => iam.authorize(send)).toThrow(
    `${ROLE} is not authorized to perform: sqs:SendMessage on resource: ${QUEUE}`,
  );
  expect(refusals).toEqual([
    { principal: ROLE, action: 'sqs:SendMessage', resource: QUEUE, why: 'no policy allows it' },
  ]);
});

test.each([
  ['the very action and resource', 'sqs:SendMessage', QUEUE, true],
  ['actions by wildcard, whatever their case', 'SQS:Send*', QUEUE, true],
  ['resources by wildcard', 'sqs:SendMessage', 'arn:aws:sqs:*:*:q', true],
  ['another action', 'sqs:ReceiveMessage', QUEUE, false],
  ['another resource', 'sqs:SendMessage', `${QUEUE}2`, false],
])('a role that is allowed %s may: %s', async (_, Action, Resource, may) => {
  const { iam } = await withRole([{ Effect: 'Allow', Action, Resource }]);
  const asked = () => iam.authorize(send);
  if (may) expect(asked).not.toThrow();
  else expect(asked).toThrow('not authorized');
});

test('a denial of the resource is final', async () => {
  const { iam } = await withRole([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  iam.addResourcePolicy(QUEUE, statementsOf({ Effect: 'Deny', Action: 'sqs:*', Resource: QUEUE, Principal: '*' }));
  expect(() => iam.authorize(send)).toThrow('a policy denies it');
});

test('a denial of what comes without TLS denies nothing here, because everything comes with it', async () => {
  const { iam } = await withRole([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
  iam.addResourcePolicy(
    QUEUE,
    statementsOf({ Effect: 'Deny', Action: '*', Resource: '*', Principal: { AWS: '*' }, Condition }),
  );
  expect(() => iam.authorize(send)).not.toThrow();
});

test('a service is allowed by the resource alone, and only for the source it names', async () => {
  const { iam } = await withRole([]);
  const Condition = { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:000000000000:log-group:/a:*' } };
  const Principal = { Service: 'logs.amazonaws.com' };
  iam.addResourcePolicy(
    QUEUE,
    statementsOf({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE, Principal, Condition }),
  );
  const from = (group: string) => () =>
    iam.authorize({
      ...send,
      principal: { service: 'logs.amazonaws.com' },
      context: { 'aws:sourcearn': `arn:aws:logs:us-east-1:000000000000:log-group:${group}:*` },
    });
  expect(from('/a')).not.toThrow();
  expect(from('/b')).toThrow('not authorized');
});

test('a service acts under a role only if the role trusts it', async () => {
  const { iam } = await withRole([], 'scheduler.amazonaws.com');
  expect(() => iam.assume(ROLE, 'scheduler.amazonaws.com')).not.toThrow();
  expect(() => iam.assume(ROLE, 'lambda.amazonaws.com')).toThrow('the role does not trust it');
});

test('an element of a policy that would be judged wrongly is refused', async () => {
  await expect(withRole([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }])).rejects.toThrow('NotAction');
});

describe('what policies say', () => {
  const said = ({ iam }: Awaited<ReturnType<typeof withRole>>) =>
    iam.said().map(({ effect, action, resource, decided }) => ({ [`${effect} ${action} on ${resource}`]: decided }));

  test('is told action by action and resource by resource, with what some answer rested on alone', async () => {
    const made = await withRole([
      { Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'], Resource: [QUEUE, 'x'] },
    ]);
    made.iam.authorize(send);
    made.iam.assume(ROLE, 'lambda.amazonaws.com');
    expect(said(made)).toEqual([
      { 'Allow sts:AssumeRole on *': true },
      { [`Allow sqs:SendMessage on ${QUEUE}`]: true },
      { 'Allow sqs:SendMessage on x': false },
      { [`Allow sqs:GetQueueUrl on ${QUEUE}`]: false },
      { 'Allow sqs:GetQueueUrl on x': false },
    ]);
  });

  test('rests on nothing alone when two allow the same', async () => {
    const made = await withRole([{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }]);
    const Principal = { AWS: ROLE };
    made.iam.addResourcePolicy(QUEUE, statementsOf({ Effect: 'Allow', Action: 'sqs:*', Resource: QUEUE, Principal }));
    made.iam.authorize(send);
    expect(said(made).slice(1)).toEqual([
      { [`Allow sqs:SendMessage on ${QUEUE}`]: false },
      { [`Allow sqs:* on ${QUEUE}`]: false },
    ]);
  });

  test('is needed to deny a person, and nothing is needed to allow one', async () => {
    const made = await withRole([]);
    const common = { Resource: QUEUE, Principal: '*' };
    made.iam.addResourcePolicy(
      QUEUE,
      statementsOf(
        { Effect: 'Allow', Action: 'sqs:SendMessage', ...common },
        { Effect: 'Deny', Action: 'sqs:DeleteQueue', ...common },
      ),
    );
    const principal = { person: 'operator' };
    made.iam.authorize({ ...send, principal });
    expect(() => made.iam.authorize({ principal, action: 'sqs:DeleteQueue', resource: QUEUE })).toThrow('denies');
    expect(said(made).slice(1)).toEqual([
      { [`Allow sqs:SendMessage on ${QUEUE}`]: false },
      { [`Deny sqs:DeleteQueue on ${QUEUE}`]: true },
    ]);
  });
});

test.each([
  ['of this account', PLACE.account, true],
  ['of another', '111111111111', false],
])('a key that leaves itself to people %s can be made by a person: %s', async (_, account, may) => {
  const { iam } = await withRole([]);
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const made = () =>
    createKms({ place: PLACE, iam }).handlers['AWS::KMS::Key']({
      stack: 'S',
      logicalId: 'K',
      properties: { KeyPolicy: { Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal }] } },
    });
  if (may) expect(made).not.toThrow();
  else expect(made).toThrow('kms:PutKeyPolicy');
});
