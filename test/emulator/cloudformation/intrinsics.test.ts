import { describe, expect, test } from 'vitest';
import { deploy } from '../../../emulator/cloudformation/deploy.ts';
import type { ResourceHandler } from '../../../emulator/cloudformation/resource-handler.ts';
import { parseTemplate } from '../../../emulator/cloudformation/template.ts';

const PLACE = { account: '000000000000', region: 'us-east-1', partition: 'aws' };

/** Deploys one stack `S` with this template, and returns its resources' resolved properties and its outputs. */
const deployTemplate = async (template: object) => {
  const created: Record<string, unknown> = {};
  const thing: ResourceHandler = ({ logicalId, properties }) => {
    created[logicalId] = properties;
    return { ref: `ref-${logicalId}`, attributes: { Arn: `arn-${logicalId}` } };
  };
  const { outputs } = await deploy([{ name: 'S', template: parseTemplate(template) }], { 'Test::Thing': thing }, PLACE);
  return { created, outputs: outputs.S };
};
const thing = (Properties: object = {}, more: object = {}) => ({ Type: 'Test::Thing', Properties, ...more });
/** The value that a property resolves to. */
const resolveValue = async (x: unknown, more: object = {}) =>
  ((await deployTemplate({ Resources: { A: thing({ x }), B: thing() }, ...more })).created.A as { x?: unknown }).x;

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
  ['Fn::If of AWS::NoValue', { 'Fn::If': ['There', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
  ['Fn::If of AWS::NoValue in a list', ['one', { 'Fn::If': ['There', 'two', { Ref: 'AWS::NoValue' }] }], ['one']],
  ['Fn::Select of Fn::Split', { 'Fn::Select': ['2', { 'Fn::Split': [':', 'arn:aws:rds'] }] }, 'rds'],
  ['Fn::Base64', { 'Fn::Base64': { Ref: 'B' } }, 'cmVmLUI='],
  ['Fn::Length', { 'Fn::Length': { 'Fn::Split': [',', 'a,b,c'] } }, 3],
  ['Fn::ToJsonString', { 'Fn::ToJsonString': { to: { Ref: 'B' } } }, '{"to":"ref-B"}'],
  ['Fn::Sub with variables', { 'Fn::Sub': ['${own}/${B.Arn}', { own: { Ref: 'B' } }] }, 'ref-B/arn-B'],
])('%s resolves to its value', async (_, value, expected) => {
  expect(await resolveValue(value, { Mappings, Conditions })).toEqual(expected);
});

describe('a condition that does not hold', () => {
  test('leaves out its resource and its output', async () => {
    const { created, outputs } = await deployTemplate({
      Conditions,
      Resources: { A: thing({}, { Condition: 'Here' }), B: thing({}, { Condition: 'There' }) },
      Outputs: { One: { Value: { Ref: 'A' } }, Two: { Value: { Ref: 'B' }, Condition: 'There' } },
    });
    expect(Object.keys(created)).toEqual(['A']);
    expect(outputs).toEqual({ One: 'ref-A' });
  });

  test('makes a reference to its resource an error', async () => {
    const Resources = { A: thing({ other: { Ref: 'B' } }), B: thing({}, { Condition: 'There' }) };
    await expect(deployTemplate({ Conditions, Resources })).rejects.toThrow(
      'Test::Thing S/A: Properties.other: S has no resource B',
    );
  });
});

describe('a parameter', () => {
  test('has its default value, as a list if its type is a list', async () => {
    const Parameters = { One: { Type: 'String', Default: 'a' }, Many: { Type: 'CommaDelimitedList', Default: 'a,b' } };
    expect(await resolveValue([{ Ref: 'One' }, { Ref: 'Many' }], { Parameters })).toEqual(['a', ['a', 'b']]);
  });

  test.each([
    [{ Type: 'String' }, 'The parameter P has no default and no value'],
    [
      { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/some/path' },
      'The parameter P is read from Systems Manager, which the emulator does not have',
    ],
  ])('without a value is an error: %o', async (P, message) => {
    await expect(resolveValue({ Ref: 'P' }, { Parameters: { P } })).rejects.toThrow(message);
  });
});

describe('an error names the path of what is not supported', () => {
  test.each<[unknown, string]>([
    [
      { list: [{}, { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }] },
      'Properties.x.list.1: The emulator does not support the template function Fn::Cidr',
    ],
    [
      { y: { 'Fn::Join': ['', [{ 'Fn::Transform': {} }]] } },
      'Properties.x.y.Fn::Join.0: The emulator does not support the template function Fn::Transform',
    ],
    [{ 'Fn::FindInMap': ['Sizes', 'mars', 'least'] }, 'Properties.x: Fn::FindInMap finds nothing at Sizes.mars.least'],
    [{ 'Fn::If': ['Nowhere', 1, 2] }, 'Properties.x: S has no condition Nowhere'],
    [{ key: '{{resolve:secretsmanager:my-secret}}' }, 'Properties.x.key: The emulator has no secrets'],
    [{ 'Fn::Select': [9, ['a']] }, 'Properties.x: Fn::Select finds nothing at 9'],
  ])('%o', async (x, message) => {
    await expect(resolveValue(x, { Mappings })).rejects.toThrow(`Test::Thing S/A: ${message}`);
  });

  test('a condition function', async () => {
    const Conditions = { Odd: { 'Fn::Contains': [['a'], 'a'] } };
    await expect(resolveValue({ 'Fn::If': ['Odd', 1, 2] }, { Conditions })).rejects.toThrow(
      'Conditions.Odd: The emulator does not support the condition function Fn::Contains',
    );
  });

  test('conditions that depend on each other', async () => {
    const Conditions = { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Not': [{ Condition: 'A' }] } };
    await expect(resolveValue({ 'Fn::If': ['A', 1, 2] }, { Conditions })).rejects.toThrow('depends on itself');
  });

  test('a transform', async () => {
    await expect(resolveValue(1, { Transform: 'AWS::Serverless-2016-10-31' })).rejects.toThrow(
      'The emulator does not support the transform AWS::Serverless-2016-10-31 of S',
    );
  });
});
