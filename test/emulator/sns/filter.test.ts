import { describe, expect, test } from 'vitest';
import { type Attribute, filterOf } from '../../../emulator/sns/subscription.ts';

/** The examples of "Amazon SNS subscription filter policies" and of the pages below it. */
const subscription = { TopicArn: 'topic', Protocol: 'https' as const, Endpoint: 'https://hook' };
const onBody = (FilterPolicy: Record<string, unknown>) =>
  filterOf({ ...subscription, FilterPolicy, FilterPolicyScope: 'MessageBody' });
const onAttributes = (FilterPolicy: Record<string, unknown>) =>
  filterOf({ ...subscription, FilterPolicy, FilterPolicyScope: 'MessageAttributes' });
const body = (said: unknown) => ({ subject: 's', message: JSON.stringify(said) });
const attributes = (said: Record<string, Attribute>) => ({ subject: 's', message: 'text', attributes: said });
const string = (Value: string): Attribute => ({ Type: 'String', Value });
const number = (Value: string): Attribute => ({ Type: 'Number', Value });
const array = (...values: unknown[]): Attribute => ({ Type: 'String.Array', Value: JSON.stringify(values) });

test('a subscription without a policy takes everything', () => {
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

  test('is taken by the policy that accepts it, by its attributes and by its body', () => {
    expect(onAttributes(accepts)(attributes(order))).toBeUndefined();
    expect(onBody(accepts)(body(inBody))).toBeUndefined();
  });

  test('is not taken by the policy that rejects it, and why is counted', () => {
    expect(onAttributes(rejects)(attributes(order))).toBe('MessageAttributes');
    expect(onBody(rejects)(body(inBody))).toBe('MessageBody');
    expect(onAttributes(accepts)({ subject: 's', message: 'm' })).toBe('NoMessageAttributes');
    expect(onAttributes(accepts)(attributes({ store: { Type: 'String.Array', Value: 'no array' } }))).toBe(
      'InvalidAttributes',
    );
    expect(onBody(accepts)({ subject: 's', message: 'no JSON' })).toBe('InvalidMessageBody');
    expect(onBody(accepts)(body(['a list']))).toBe('InvalidMessageBody');
  });
});

type Case = [condition: unknown, takes: unknown[], not: unknown[]];
const ABSENT = Symbol('absent');
const saying = (value: unknown) => (value === ABSENT ? { other: 1 } : { key: value });

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
])('%j', (condition, takes, not) => {
  const filter = onBody({ key: [condition] });
  for (const value of takes) expect(filter(body(saying(value))), JSON.stringify(value)).toBeUndefined();
  for (const value of not) expect(filter(body(saying(value))), JSON.stringify(value)).toBe('MessageBody');
});

test('any of several values is enough, and every key must have one', () => {
  const filter = onBody({ customer_interests: ['rugby', 'football'], price_usd: [{ numeric: ['>', 100] }] });
  expect(filter(body({ customer_interests: 'football', price_usd: 101 }))).toBeUndefined();
  expect(filter(body({ customer_interests: 'football', price_usd: 99 }))).toBe('MessageBody');
  expect(filter(body({ price_usd: 101 }))).toBe('MessageBody');
});

test('anything but, or nothing at all', () => {
  const filter = onBody({ key: [{ 'anything-but': 'rugby' }, { exists: false }] });
  expect(filter(body({}))).toBeUndefined();
  expect(filter(body({ key: 'rugby' }))).toBe('MessageBody');
});

test('keys of a body may lie in one another, and in lists', () => {
  const filter = onBody({ alarm: { state: { value: ['ALARM'] }, tags: ['urgent'] } });
  expect(filter(body({ alarm: { state: { value: 'ALARM' }, tags: ['a', 'urgent'] } }))).toBeUndefined();
  expect(filter(body({ alarm: [{ state: [{ value: 'OK' }, { value: 'ALARM' }], tags: ['urgent'] }] }))).toBeUndefined();
  expect(filter(body({ alarm: { state: { value: 'OK' }, tags: ['urgent'] } }))).toBe('MessageBody');
  expect(filter(body({ alarm: 'ALARM' }))).toBe('MessageBody');
});

test('$or wants one of several policies, and with one alone it is a name like any other', () => {
  const either = onBody({
    source: ['aws.cloudwatch'],
    $or: [{ metricName: ['CPUUtilization'] }, { namespace: ['AWS/EC2', 'AWS/ES'] }],
  });
  expect(either(body({ source: 'aws.cloudwatch', namespace: 'AWS/ES' }))).toBeUndefined();
  expect(either(body({ source: 'aws.cloudwatch', metricName: 'CPUUtilization' }))).toBeUndefined();
  expect(either(body({ source: 'aws.cloudwatch' }))).toBe('MessageBody');
  expect(onBody({ $or: ['a'] })(body({ $or: 'a' }))).toBeUndefined();
});

test('binary attributes are not looked at', () => {
  const filter = onAttributes({ key: [{ exists: true }] });
  expect(filter(attributes({ key: { Type: 'Binary', Value: 'AAAA' } }))).toBe('MessageAttributes');
});

describe('a policy is refused', () => {
  const values = (count: number) => Array.from({ length: count }, (_, index) => String(index));

  test('with more than five keys', () => {
    const policy = Object.fromEntries(values(6).map((key) => [key, ['x']]));
    expect(() => onBody(policy)).toThrow('at most 5 keys, and this one 6');
  });

  test('with more than 150 combinations; nested ones count by their depth', () => {
    const four = { key_a: { key_b: { key_c: values(4) } }, key_d: { key_e: values(3) } };
    expect(() => onBody(four)).not.toThrow(); // 4 × 3 × 3 × 2 = 72
    expect(() => onBody({ ...four, key_f: values(3) })).toThrow('at most 150 combinations, and this one 216');
  });

  test('that nests, for attributes', () => {
    expect(() => onAttributes({ key: { inner: ['x'] } })).toThrow('only a policy on the body may nest');
  });

  test('with $or of a single policy', () => {
    expect(() => onBody({ $or: [{ key: ['x'] }] })).toThrow("the filter policy's $or");
  });

  test.each([[[{ wildcard: 'a*' }]], [[{ 'anything-but': { suffix: 'x' } }]], ['text'], [[]]])('with %j', (asked) => {
    expect(() => onBody({ key: asked })).toThrow("the filter policy's key");
  });
});
