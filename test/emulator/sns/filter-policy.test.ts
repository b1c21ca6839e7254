import { describe, expect, test } from 'vitest';
import { type Attribute, filterOf } from '../../../emulator/sns/subscription.ts';

/** The examples are from "Amazon SNS subscription filter policies" and the pages below it. */
const subscription = { TopicArn: 'topic', Protocol: 'https' as const, Endpoint: 'https://hook' };
const onBody = (FilterPolicy: Record<string, unknown>) =>
  filterOf({ ...subscription, FilterPolicy, FilterPolicyScope: 'MessageBody' });
const onAttributes = (FilterPolicy: Record<string, unknown>) =>
  filterOf({ ...subscription, FilterPolicy, FilterPolicyScope: 'MessageAttributes' });
const body = (value: unknown) => ({ subject: 's', message: JSON.stringify(value) });
const attributes = (values: Record<string, Attribute>) => ({ subject: 's', message: 'text', attributes: values });
const string = (Value: string): Attribute => ({ Type: 'String', Value });
const number = (Value: string): Attribute => ({ Type: 'Number', Value });
const array = (...values: unknown[]): Attribute => ({ Type: 'String.Array', Value: JSON.stringify(values) });

test('a subscription without a filter policy receives every message', () => {
  const filter = filterOf({ ...subscription, FilterPolicyScope: 'MessageAttributes' });
  expect(filter({ subject: 's', message: 'any' })).toBeUndefined();
});

describe('the example message', () => {
  const order = {
    customer_interests: array('soccer', 'rugby', 'hockey'),
    store: string('example_corp'),
    event: string('order_placed'),
    price_usd: number('210.75'),
  };
  const inBody = {
    customer_interests: ['soccer', 'rugby', 'hockey'],
    store: 'example_corp',
    event: 'order_placed',
    price_usd: 210.75,
  };
  const accepts = {
    store: ['example_corp'],
    event: [{ 'anything-but': 'order_cancelled' }],
    customer_interests: ['rugby', 'football', 'baseball'],
    price_usd: [{ numeric: ['>=', 100] }],
  };
  const rejects = {
    store: ['example_corp'],
    event: ['order_cancelled'],
    encrypted: [false],
    customer_interests: ['basketball', 'baseball'],
  };

  test('is matched by the accepting policy, by its attributes and by its body', () => {
    expect(onAttributes(accepts)(attributes(order))).toBeUndefined();
    expect(onBody(accepts)(body(inBody))).toBeUndefined();
  });

  test('is not matched by the rejecting policy, and the filter gives the reason that SNS counts', () => {
    expect(onAttributes(rejects)(attributes(order))).toBe('MessageAttributes');
    expect(onBody(rejects)(body(inBody))).toBe('MessageBody');
    expect(onAttributes(accepts)({ subject: 's', message: 'm' })).toBe('NoMessageAttributes');
    expect(onAttributes(accepts)(attributes({ store: { Type: 'String.Array', Value: 'not an array' } }))).toBe(
      'InvalidAttributes',
    );
    expect(onBody(accepts)({ subject: 's', message: 'not JSON' })).toBe('InvalidMessageBody');
    expect(onBody(accepts)(body(['a list']))).toBe('InvalidMessageBody');
  });
});

type Case = [condition: unknown, matching: unknown[], notMatching: unknown[]];
const ABSENT = Symbol('absent');
const withKey = (value: unknown) => (value === ABSENT ? { other: 1 } : { key: value });

test.each<Case>([
  ['rugby', ['rugby', ['rugby', 'tennis']], ['Rugby', 'baseball', ['baseball'], ABSENT]],
  [{ 'anything-but': ['rugby', 'tennis'] }, ['baseball', ['rugby', 'baseball']], ['rugby', ['rugby'], ABSENT]],
  [{ 'anything-but': { prefix: 'bas' } }, ['rugby'], ['baseball', 'basketball']],
  [{ 'equals-ignore-case': 'tennis' }, ['TENNIS', 'Tennis'], ['rugby']],
  [{ cidr: '10.0.0.0/24' }, ['10.0.0.0', '10.0.0.255'], ['10.1.1.0']],
  [{ prefix: 'bas' }, ['baseball', 'basketball'], ['rugby', 5]],
  [{ suffix: 'ball' }, ['baseball', 'basketball'], ['rugby']],
  [{ numeric: ['=', 301.5] }, [301.5, 3.015e2, 301.500001], [301.51, '301.5']],
  [{ 'anything-but': [100, 500] }, [101, 100.1, [100, 50]], [100]],
  [{ numeric: ['<', 0] }, [-1], [0, 1]],
  [{ numeric: ['>', 0, '<=', 150] }, [0.00001, 150], [0, 151]],
  [{ exists: true }, ['fans', ['a'], null, false], [ABSENT, { nested: 'key' }]],
  [{ exists: false }, [ABSENT], ['fans', null]],
  [true, [true], ['true', false]],
  [null, [null], ['null', ABSENT]],
  [100, [100, [1, 100]], ['100', 101]],
])('the condition %j matches the expected values only', (condition, matching, notMatching) => {
  const filter = onBody({ key: [condition] });
  for (const value of matching) expect(filter(body(withKey(value))), JSON.stringify(value)).toBeUndefined();
  for (const value of notMatching) expect(filter(body(withKey(value))), JSON.stringify(value)).toBe('MessageBody');
});

test('for each key one matching value is enough, and every key must match', () => {
  const filter = onBody({ customer_interests: ['rugby', 'football'], price_usd: [{ numeric: ['>', 100] }] });
  expect(filter(body({ customer_interests: 'football', price_usd: 101 }))).toBeUndefined();
  expect(filter(body({ customer_interests: 'football', price_usd: 99 }))).toBe('MessageBody');
  expect(filter(body({ price_usd: 101 }))).toBe('MessageBody');
});

test('anything-but combined with exists: false also matches a message without the key', () => {
  const filter = onBody({ key: [{ 'anything-but': 'rugby' }, { exists: false }] });
  expect(filter(body({}))).toBeUndefined();
  expect(filter(body({ key: 'rugby' }))).toBe('MessageBody');
});

test('keys of a body may be nested, also in lists', () => {
  const filter = onBody({ alarm: { state: { value: ['ALARM'] }, tags: ['urgent'] } });
  expect(filter(body({ alarm: { state: { value: 'ALARM' }, tags: ['a', 'urgent'] } }))).toBeUndefined();
  expect(filter(body({ alarm: [{ state: [{ value: 'OK' }, { value: 'ALARM' }], tags: ['urgent'] }] }))).toBeUndefined();
  expect(filter(body({ alarm: { state: { value: 'OK' }, tags: ['urgent'] } }))).toBe('MessageBody');
  expect(filter(body({ alarm: 'ALARM' }))).toBe('MessageBody');
});

test('$or matches one of several policies, and is an ordinary key when it has no policies', () => {
  const either = onBody({
    source: ['aws.cloudwatch'],
    $or: [{ metricName: ['CPUUtilization'] }, { namespace: ['AWS/EC2', 'AWS/ES'] }],
  });
  expect(either(body({ source: 'aws.cloudwatch', namespace: 'AWS/ES' }))).toBeUndefined();
  expect(either(body({ source: 'aws.cloudwatch', metricName: 'CPUUtilization' }))).toBeUndefined();
  expect(either(body({ source: 'aws.cloudwatch' }))).toBe('MessageBody');
  expect(onBody({ $or: ['a'] })(body({ $or: 'a' }))).toBeUndefined();
});

test('binary attributes are ignored', () => {
  const filter = onAttributes({ key: [{ exists: true }] });
  expect(filter(attributes({ key: { Type: 'Binary', Value: 'AAAA' } }))).toBe('MessageAttributes');
});

describe('a filter policy is refused', () => {
  const values = (count: number) => Array.from({ length: count }, (_, index) => String(index));

  test('with more than five keys', () => {
    const policy = Object.fromEntries(values(6).map((key) => [key, ['x']]));
    expect(() => onBody(policy)).toThrow('at most 5 keys, not 6');
  });

  test('with more than 150 combinations, where nested keys count by their depth', () => {
    const four = { key_a: { key_b: { key_c: values(4) } }, key_d: { key_e: values(3) } };
    expect(() => onBody(four)).not.toThrow(); // 4 × 3 × 3 × 2 = 72
    expect(() => onBody({ ...four, key_f: values(3) })).toThrow('at most 150 combinations, not 216');
  });

  test('with nested keys, when it applies to attributes', () => {
    expect(() => onAttributes({ key: { inner: ['x'] } })).toThrow(
      'Only a filter policy for message bodies may nest keys',
    );
  });

  test('with a $or of a single policy', () => {
    expect(() => onBody({ $or: [{ key: ['x'] }] })).toThrow("filter policy's key $or");
  });

  test.each([[[{ wildcard: 'a*' }]], [[{ 'anything-but': { suffix: 'x' } }]], ['text'], [[]]])(
    'with the conditions %j',
    (conditions) => {
      expect(() => onBody({ key: conditions })).toThrow("filter policy's key key");
    },
  );
});
