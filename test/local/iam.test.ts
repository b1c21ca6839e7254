import { expect, test } from 'vitest';
import { createIam, type Refusal } from '../../local/iam.ts';
import { policyDocument } from '../../local/iam-policy.ts';

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
