import { describe, expect, test } from 'vitest';
import { deploy } from '../../../emulator/cloudformation/deploy.ts';
import type { ResourceHandler } from '../../../emulator/cloudformation/resource-handler.ts';
import { parseTemplate } from '../../../emulator/cloudformation/template.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

/** Deploys one stack `S` of this template, and gives what was made of what, and the outputs. */
const deployed = async (template: object) => {
  const made: Record<string, unknown> = {};
  const thing: ResourceHandler = ({ logicalId, properties }) => {
    made[logicalId] = properties;
    return { ref: `ref-${logicalId}`, attributes: { Arn: `arn-${logicalId}` } };
  };
  const { outputs } = await deploy([{ name: 'S', template: parseTemplate(template) }], { 'Test::Thing': thing }, PLACE);
  return { made, outputs: outputs.S };
};
const thing = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Thing', Properties, ...more });
/** What one value stands for. */
const standsFor = async (x: unknown, more: object = {}) =>
  ((await deployed({ Resources: { A: thing({ x }), B: thing() }, ...more })).made.A as { x?: unknown }).x;

const Mappings = { Sizes: { 'us-east-1': { least: '1', zones: ['a', 'b'] } } };
const Conditions = {
  Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
  There: { 'Fn::Not': [{ Condition: 'Here' }] },
  Both: { 'Fn::And': [{ Condition: 'Here' }, { Condition: 'There' }] },
  Either: { 'Fn::Or': [{ Condition: 'There' }, { 'Fn::Equals': ['a', 'a'] }] },
};

test.each<[string, unknown, unknown]>([
  ['Fn::FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'least'] }, '1'],
  ['Fn::FindInMap of a list', { 'Fn::FindInMap': ['Sizes', 'us-east-1', 'zones'] }, ['a', 'b']],
  ['Fn::FindInMap with a default', { 'Fn::FindInMap': ['Sizes', 'mars', 'least', { DefaultValue: '9' }] }, '9'],
  ['Fn::If that holds', { 'Fn::If': ['Here', { 'Fn::GetAtt': ['B', 'Arn'] }, 'no'] }, 'arn-B'],
  ['Fn::If that does not hold', { 'Fn::If': ['There', 'yes', 'no'] }, 'no'],
  ['Fn::If of Fn::And', { 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
  ['Fn::If of Fn::Or', { 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
  ['Fn::If of nothing', { 'Fn::If': ['There', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
  ['Fn::If of nothing in a list', ['one', { 'Fn::If': ['There', 'two', { Ref: 'AWS::NoValue' }] }], ['one']],
  ['Fn::Select of Fn::Split', { 'Fn::Select': ['2', { 'Fn::Split': [':', 'arn:aws:rds'] }] }, 'rds'],
  ['Fn::Base64', { 'Fn::Base64': { Ref: 'B' } }, 'cmVmLUI='],
  ['Fn::Length', { 'Fn::Length': { 'Fn::Split': [',', 'a,b,c'] } }, 3],
  ['Fn::ToJsonString', { 'Fn::ToJsonString': { to: { Ref: 'B' } } }, '{"to":"ref-B"}'],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${own}/${B.Arn}', { own: { Ref: 'B' } }] }, 'ref-B/arn-B'],
])('%s stands for its value', async (_, value, expected) => {
  expect(await standsFor(value, { Mappings, Conditions })).toEqual(expected);
});

describe('a condition that does not hold', () => {
  test('leaves its resource and its output out', async () => {
    const { made, outputs } = await deployed({
      Conditions,
      Resources: { A: thing({}, { Condition: 'Here' }), B: thing({}, { Condition: 'There' }) },
      Outputs: { One: { Value: { Ref: 'A' } }, Two: { Value: { Ref: 'B' }, Condition: 'There' } },
    });
    expect(Object.keys(made)).toEqual(['A']);
    expect(outputs).toEqual({ One: 'ref-A' });
  });

  test('and a resource that speaks of what is left out is an error', async () => {
    const Resources = { A: thing({ of: { Ref: 'B' } }), B: thing({}, { Condition: 'There' }) };
    await expect(deployed({ Conditions, Resources })).rejects.toThrow(
      'Test::Thing S/A: Properties.of: S has no resource B',
    );
  });
});

describe('a parameter', () => {
  test('is its default, a list where its type is one', async () => {
    const Parameters = { One: { Type: 'String', Default: 'a' }, Many: { Type: 'CommaDelimitedList', Default: 'a,b' } };
    expect(await standsFor([{ Ref: 'One' }, { Ref: 'Many' }], { Parameters })).toEqual(['a', ['a', 'b']]);
  });

  test.each([
    [{ Type: 'String' }, 'The parameter P has no default, and nobody gives it here'],
    [
      { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/some/path' },
      'The parameter P is read from Systems Manager, which is not here',
    ],
  ])('that nobody can give is an error: %o', async (P, words) => {
    await expect(standsFor({ Ref: 'P' }, { Parameters: { P } })).rejects.toThrow(words);
  });
});

describe('what is not known is an error that says where it stands', () => {
  test.each<[unknown, string]>([
    [
      { list: [{}, { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }] },
      'Properties.x.list.1: The local run does not know the template function Fn::Cidr',
    ],
    [
      { y: { 'Fn::Join': ['', [{ 'Fn::Transform': {} }]] } },
      'Properties.x.y.Fn::Join.0: The local run does not know the template function Fn::Transform',
    ],
    [{ 'Fn::FindInMap': ['Sizes', 'mars', 'least'] }, 'Properties.x: Fn::FindInMap finds nothing at Sizes.mars.least'],
    [{ 'Fn::If': ['Nowhere', 1, 2] }, 'Properties.x: S has no condition Nowhere'],
    [{ key: '{{resolve:secretsmanager:my-secret}}' }, 'Properties.x.key: The local run has no secrets'],
    [{ 'Fn::Select': [9, ['a']] }, 'Properties.x: Fn::Select finds nothing at 9'],
  ])('%o', async (x, words) => {
    await expect(standsFor(x, { Mappings })).rejects.toThrow(`Test::Thing S/A: ${words}`);
  });

  test('a condition', async () => {
    const Conditions = { Odd: { 'Fn::Contains': [['a'], 'a'] } };
    await expect(standsFor({ 'Fn::If': ['Odd', 1, 2] }, { Conditions })).rejects.toThrow(
      'Conditions.Odd: The local run does not know the condition Fn::Contains',
    );
  });

  test('conditions in a circle', async () => {
    const Conditions = { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Not': [{ Condition: 'A' }] } };
    await expect(standsFor({ 'Fn::If': ['A', 1, 2] }, { Conditions })).rejects.toThrow('depends on itself');
  });

  test('a transform', async () => {
    await expect(standsFor(1, { Transform: 'AWS::Serverless-2016-10-31' })).rejects.toThrow(
      'The local run does not know the transform AWS::Serverless-2016-10-31 of S',
    );
  });
});
