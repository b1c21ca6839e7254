import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Permission } from '../../lambdas/contract/tool-facts.ts';
import { findPermissionProblems } from '../../lib/tools/tool-permissions.ts';
import { aTool, ofType, rolesOfFunctions, synthesize } from '../support/synthesized.ts';

const TABLE = 'arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/cities';
const readTable: Permission = { actions: ['dynamodb:GetItem', 'dynamodb:Query'], resources: [TABLE] };

test('a function may do what the facts of its own tool allow', () => {
  const { resources } = synthesize({}, [aTool({ name: 'cities', allow: [readTable] }), aTool({ name: 'plain' })]);
  const roles = rolesOfFunctions(resources);
  expect(roles['toolwatch-tool-cities']).toContainEqual({
    Sid: 'Own1',
    Effect: 'Allow',
    Action: ['dynamodb:GetItem', 'dynamodb:Query'],
    Resource: { 'Fn::Sub': TABLE },
  });
  expect(JSON.stringify(roles['toolwatch-tool-plain'])).not.toContain('dynamodb');
});

test('a tool that notifies people may send to the queue of custom notices, and no other tool knows of it', () => {
  const tools = [aTool({ name: 'notifying', notifies: true }), aTool({ name: 'plain' })];
  const { resources } = synthesize({}, tools);
  const roles = rolesOfFunctions(resources);
  const [send] = (roles['toolwatch-tool-notifying'] ?? []).filter(({ Action }) => Action === 'sqs:SendMessage');
  expect(send?.Effect).toBe('Allow');
  expect(JSON.stringify(send?.Resource)).toContain('NotifyCustomNotices');
  expect(JSON.stringify(roles['toolwatch-tool-plain'])).not.toContain('sqs');
  const variablesOf = (name: string) =>
    ofType(resources, 'AWS::Lambda::Function').find(({ Properties }) => Properties.FunctionName === name)?.Properties
      .Environment.Variables;
  expect(JSON.stringify(variablesOf('toolwatch-tool-notifying').CUSTOM_NOTICES_QUEUE)).toContain('NotifyCustomNotices');
  expect(variablesOf('toolwatch-tool-plain')).not.toHaveProperty('CUSTOM_NOTICES_QUEUE');
});

test('a wildcard with a reason passes the audit of the whole template', () => {
  const reason = 'Each city has a file of its own.';
  const allow = [
    { actions: ['s3:Get*'], resources: ['arn:aws:s3:::cities/*'], reason },
    { actions: ['translate:TranslateText'], resources: ['*'], reason: 'It has no resources.' },
  ];
  const { resources } = synthesize({}, [aTool({ name: 'cities', allow })]);
  expect(rolesOfFunctions(resources)['toolwatch-tool-cities']).toContainEqual(
    expect.objectContaining({ Action: 's3:Get*', Resource: 'arn:aws:s3:::cities/*' }),
  );
});

describe('refused at synthesis, with a sentence that names the tool and says what to write', () => {
  test.each<[string, Permission, RegExp]>([
    [
      'every action of a service',
      { actions: ['s3:*'], resources: ['arn:aws:s3:::cities'] },
      /wildcard \(s3:\*\) without a reason/,
    ],
    ['every resource', { actions: ['s3:GetObject'], resources: ['*'] }, /wildcard \(\*\) without a reason; name what/],
    ['a reason that says nothing', { actions: ['s3:GetObject'], resources: ['*'], reason: ' ' }, /without a reason/],
    ['all actions', { actions: ['*'], resources: ['*'], reason: 'I want to.' }, /the action \*; write service:Action/],
    [
      'an action without a service',
      { actions: ['GetObject'], resources: ['arn:aws:s3:::c/k'] },
      /the action GetObject/,
    ],
    ['a name for an ARN', { actions: ['s3:GetObject'], resources: ['cities'] }, /the resource cities; write an ARN/],
    [
      'an unknown placeholder',
      { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::${Bucket}'] },
      /the placeholder Bucket/,
    ],
    ['nothing', { actions: [], resources: [] }, /allows nothing/],
  ])('%s', (_, permission, message) => {
    const tools = [aTool({ name: 'cities', allow: [permission] })];
    expect(() => synthesize({}, tools)).toThrow(message);
    expect(() => synthesize({}, tools)).toThrow(/^The tool cities: allow 1 /);
  });
});

test('no permission with a wildcard is accepted without a reason, wherever it stands', () => {
  const part = fc.stringMatching(/^[a-z]{0,6}[*?][a-z]{0,6}$/);
  fc.assert(
    fc.property(part, fc.boolean(), (wide, inAction) => {
      const permission = inAction
        ? { actions: [`s3:${wide}`], resources: ['arn:aws:s3:::cities'] }
        : { actions: ['s3:GetObject'], resources: [`arn:aws:s3:::${wide}`] };
      expect(findPermissionProblems([{ name: 'cities', allow: [permission] }])).not.toEqual([]);
      expect(findPermissionProblems([{ name: 'cities', allow: [{ ...permission, reason: 'It must.' }] }])).toEqual([]);
    }),
  );
});
