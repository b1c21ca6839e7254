import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIam, type Refusal } from '../../emulator/iam/iam.ts';
import { policyDocument } from '../../emulator/iam/policy.ts';
import { createKms } from '../../emulator/kms.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };
const ROLE = 'arn:aws:iam::000000000000:role/r';
const BOUNDARY = 'arn:aws:iam::000000000000:policy/boundary';
const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:q';

const iamWithRole = async (
  statements: object[],
  { trustedService = 'lambda.amazonaws.com', boundary }: { trustedService?: string; boundary?: object[] } = {},
) => {
  const refusals: Refusal[] = [];
  const iam = createIam(PLACE, (refusal) => refusals.push(refusal), { [BOUNDARY]: { Statement: boundary ?? [] } });
  await iam.handlers['AWS::IAM::Role']({
    stack: 'S',
    logicalId: 'R',
    properties: {
      RoleName: 'r',
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: trustedService } }],
      },
      ...(boundary && { PermissionsBoundary: BOUNDARY }),
      Policies: [{ PolicyName: 'p', PolicyDocument: { Statement: statements } }],
    },
  });
  return { iam, refusals };
};

const statementsOf = (...statements: object[]) => policyDocument.parse({ Statement: statements }).Statement;
const sendMessage = { principal: { role: ROLE }, action: 'sqs:SendMessage', resource: QUEUE };

test('a request that no policy allows is refused, and the refusal names principal, action and resource', async () => {
  const { iam, refusals } = await iamWithRole([]);
  expect(() => iam.authorize(sendMessage)).toThrow(
    `${ROLE} is not authorized to perform: sqs:SendMessage on resource: ${QUEUE}`,
  );
  expect(refusals).toEqual([
    { principal: ROLE, action: 'sqs:SendMessage', resource: QUEUE, why: 'no policy allows it' },
  ]);
});

test.each([
  ['exactly this action and resource', 'sqs:SendMessage', QUEUE, true],
  ['actions by a wildcard in another case', 'SQS:Send*', QUEUE, true],
  ['resources by a wildcard', 'sqs:SendMessage', 'arn:aws:sqs:*:*:q', true],
  ['another action', 'sqs:ReceiveMessage', QUEUE, false],
  ['another resource', 'sqs:SendMessage', `${QUEUE}2`, false],
])('a role that is allowed %s may send a message: %s', async (_, Action, Resource, isAllowed) => {
  const { iam } = await iamWithRole([{ Effect: 'Allow', Action, Resource }]);
  const authorize = () => iam.authorize(sendMessage);
  if (isAllowed) expect(authorize).not.toThrow();
  else expect(authorize).toThrow('not authorized');
});

test('a denial by the resource policy is final', async () => {
  const { iam } = await iamWithRole([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  iam.addResourcePolicy(QUEUE, statementsOf({ Effect: 'Deny', Action: 'sqs:*', Resource: QUEUE, Principal: '*' }));
  expect(() => iam.authorize(sendMessage)).toThrow('a policy denies it');
});

test('a denial of requests without TLS has no effect, because every request here uses TLS', async () => {
  const { iam } = await iamWithRole([{ Effect: 'Allow', Action: '*', Resource: '*' }]);
  const Condition = { Bool: { 'aws:SecureTransport': 'false' } };
  iam.addResourcePolicy(
    QUEUE,
    statementsOf({ Effect: 'Deny', Action: '*', Resource: '*', Principal: { AWS: '*' }, Condition }),
  );
  expect(() => iam.authorize(sendMessage)).not.toThrow();
});

test('a resource policy alone can allow a service, and only for the source that it names', async () => {
  const { iam } = await iamWithRole([]);
  const Condition = { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:us-east-1:000000000000:log-group:/a:*' } };
  const Principal = { Service: 'logs.amazonaws.com' };
  iam.addResourcePolicy(
    QUEUE,
    statementsOf({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE, Principal, Condition }),
  );
  const sendFor = (group: string) => () =>
    iam.authorize({
      ...sendMessage,
      principal: { service: 'logs.amazonaws.com' },
      context: { 'aws:sourcearn': `arn:aws:logs:us-east-1:000000000000:log-group:${group}:*` },
    });
  expect(sendFor('/a')).not.toThrow();
  expect(sendFor('/b')).toThrow('not authorized');
});

test('a service can assume a role only if the role trusts it', async () => {
  const { iam } = await iamWithRole([], { trustedService: 'scheduler.amazonaws.com' });
  expect(() => iam.assume(ROLE, 'scheduler.amazonaws.com')).not.toThrow();
  expect(() => iam.assume(ROLE, 'lambda.amazonaws.com')).toThrow('the role does not trust it');
});

describe('a permissions boundary', () => {
  const allow = (Action: string, Resource = '*') => ({ Effect: 'Allow', Action, Resource });
  const deny = (Action: string) => ({ Effect: 'Deny', Action, Resource: '*' });

  test.each<[string, object[], object[], string | undefined]>([
    ['allows what the role may do', [allow('sqs:*')], [allow('*')], undefined],
    ['allows more than the role may do', [], [allow('*')], 'no policy allows it'],
    ['does not mention the action', [allow('*')], [allow('s3:*')], 'no permissions boundary allows it'],
    ['allows another resource', [allow('*')], [allow('sqs:*', `${QUEUE}2`)], 'no permissions boundary allows it'],
    ['is empty', [allow('*')], [], 'no permissions boundary allows it'],
    ['denies the action', [allow('*')], [allow('*'), deny('sqs:*')], 'a policy denies it'],
  ])('that %s', async (_, statements, boundary, why) => {
    const { iam, refusals } = await iamWithRole(statements, { boundary });
    const authorize = () => iam.authorize(sendMessage);
    if (why === undefined) expect(authorize).not.toThrow();
    else expect(authorize).toThrow(`because ${why}`);
    expect(refusals.map((refusal) => refusal.why)).toEqual(why === undefined ? [] : [why]);
  });

  test('bounds what a resource policy allows the role as well, and nothing of others', async () => {
    const { iam } = await iamWithRole([], { boundary: [allow('s3:*')] });
    const common = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE };
    const principals = [{ AWS: ROLE }, { Service: 'sns.amazonaws.com' }];
    iam.addResourcePolicy(QUEUE, statementsOf(...principals.map((Principal) => ({ ...common, Principal }))));
    expect(() => iam.authorize(sendMessage)).toThrow('no permissions boundary allows it');
    expect(() => iam.authorize({ ...sendMessage, principal: { service: 'sns.amazonaws.com' } })).not.toThrow();
    expect(() => iam.assume(ROLE, 'lambda.amazonaws.com')).not.toThrow();
  });

  test('allows exactly what both allow, whatever they are', async () => {
    const actions = ['sqs:SendMessage', 'sqs:DeleteQueue', 's3:GetObject', 'sqs:*', '*'];
    const some = fc.array(fc.record({ Effect: fc.constantFrom('Allow', 'Deny'), Action: fc.constantFrom(...actions) }));
    const isAllowed = ({ iam }: Awaited<ReturnType<typeof iamWithRole>>) => {
      try {
        iam.authorize(sendMessage);
        return true;
      } catch {
        return false;
      }
    };
    await fc.assert(
      fc.asyncProperty(some, some, async (policy, boundary) => {
        const [alone, bound] = [await iamWithRole(policy), await iamWithRole(boundary)].map(isAllowed);
        expect(isAllowed(await iamWithRole(policy, { boundary }))).toBe(alone && bound);
      }),
    );
  });

  test('that nobody knows is refused, and so is a role of a name that is too long', async () => {
    const { iam } = await iamWithRole([]);
    const create = (more: object) =>
      iam.handlers['AWS::IAM::Role']({
        stack: 'S',
        logicalId: 'Other',
        properties: { AssumeRolePolicyDocument: { Statement: [] }, ...more },
      });
    expect(() => create({ PermissionsBoundary: `${BOUNDARY}2` })).toThrow(`the managed policy ${BOUNDARY}2 allows`);
    expect(() => create({ RoleName: 'x'.repeat(65) })).toThrow('64');
  });
});

test('a role with a path has it in its ARN, and policies find the role by its name', async () => {
  const { iam } = await iamWithRole([]);
  const role = await iam.handlers['AWS::IAM::Role']({
    stack: 'S',
    logicalId: 'Team',
    properties: { RoleName: 'team', Path: '/a/b/', AssumeRolePolicyDocument: { Statement: [] } },
  });
  const arn = 'arn:aws:iam::000000000000:role/a/b/team';
  expect(role).toMatchObject({ ref: 'team', attributes: { Arn: arn } });
  const PolicyDocument = { Statement: [{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }] };
  await iam.handlers['AWS::IAM::Policy']({
    stack: 'S',
    logicalId: 'P',
    properties: { PolicyName: 'p', PolicyDocument, Roles: ['team'] },
  });
  expect(() => iam.authorize({ ...sendMessage, principal: { role: arn } })).not.toThrow();
});

test('a policy element that is not supported is refused', async () => {
  await expect(iamWithRole([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }])).rejects.toThrow('NotAction');
});

describe('the list of policy statements', () => {
  const listOf = ({ iam }: Awaited<ReturnType<typeof iamWithRole>>) =>
    iam.listStatements().map(({ effect, action, resource, wasDecisive }) => ({
      [`${effect} ${action} on ${resource}`]: wasDecisive,
    }));

  test('has each pair of action and resource, and whether it alone decided a request', async () => {
    const created = await iamWithRole([
      { Effect: 'Allow', Action: ['sqs:SendMessage', 'sqs:GetQueueUrl'], Resource: [QUEUE, 'x'] },
    ]);
    created.iam.authorize(sendMessage);
    created.iam.assume(ROLE, 'lambda.amazonaws.com');
    expect(listOf(created)).toEqual([
      { 'Allow sts:AssumeRole on *': true },
      { [`Allow sqs:SendMessage on ${QUEUE}`]: true },
      { 'Allow sqs:SendMessage on x': false },
      { [`Allow sqs:GetQueueUrl on ${QUEUE}`]: false },
      { 'Allow sqs:GetQueueUrl on x': false },
    ]);
  });

  test('has no decisive statement when two allow the same request', async () => {
    const created = await iamWithRole([{ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE }]);
    const Principal = { AWS: ROLE };
    created.iam.addResourcePolicy(
      QUEUE,
      statementsOf({ Effect: 'Allow', Action: 'sqs:*', Resource: QUEUE, Principal }),
    );
    created.iam.authorize(sendMessage);
    expect(listOf(created).slice(1)).toEqual([
      { [`Allow sqs:SendMessage on ${QUEUE}`]: false },
      { [`Allow sqs:* on ${QUEUE}`]: false },
    ]);
  });

  test('has a decisive statement for a denial to a person, and none for an allowance', async () => {
    const created = await iamWithRole([]);
    const common = { Resource: QUEUE, Principal: '*' };
    created.iam.addResourcePolicy(
      QUEUE,
      statementsOf(
        { Effect: 'Allow', Action: 'sqs:SendMessage', ...common },
        { Effect: 'Deny', Action: 'sqs:DeleteQueue', ...common },
      ),
    );
    const principal = { person: 'operator' };
    created.iam.authorize({ ...sendMessage, principal });
    expect(() => created.iam.authorize({ principal, action: 'sqs:DeleteQueue', resource: QUEUE })).toThrow('denies');
    expect(listOf(created).slice(1)).toEqual([
      { [`Allow sqs:SendMessage on ${QUEUE}`]: false },
      { [`Deny sqs:DeleteQueue on ${QUEUE}`]: true },
    ]);
  });
});

test.each([
  ['of this account', PLACE.account, true],
  ['of another account', '111111111111', false],
])('a key whose policy allows only administrators %s can be created: %s', async (_, account, isCreated) => {
  const { iam } = await iamWithRole([]);
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  const createKey = () =>
    createKms({ place: PLACE, iam }).handlers['AWS::KMS::Key']({
      stack: 'S',
      logicalId: 'K',
      properties: { KeyPolicy: { Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*', Principal }] } },
    });
  if (isCreated) expect(createKey).not.toThrow();
  else expect(createKey).toThrow('kms:PutKeyPolicy');
});
