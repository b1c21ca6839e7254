import fc from 'fast-check';
import { expect, test } from 'vitest';
import { computeFingerprint, normalise } from '../../../lambdas/observe/failure/fingerprint.ts';
import { isSensitiveKey } from '../../../lambdas/observe/privacy/sensitive-keys.ts';

const fingerprintOf = (message: string): string =>
  computeFingerprint('place_order', 'INTERNAL_ERROR', 'Error', normalise(message, 1_024));

const digits = '0123456789';
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const textOf = (characters: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength, maxLength });
/** An id without a digit may be a word, so these have one, a capital and a small letter. */
const mixed = (characters: string, minLength: number, maxLength: number) =>
  textOf(characters, minLength, maxLength).map((text) => `${text}a7Z`);
const moment = fc.date({ min: new Date('2000-01-01'), max: new Date('2039-12-31'), noInvalidDate: true });

/** What differs between two occurrences of one failure: values of one kind, written in one way. */
const VALUES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'a UUID': fc.uuid(),
  'a UUID in capitals': fc.uuid().map((id) => id.toUpperCase()),
  'a whole number': fc.integer().map(String),
  'a number with decimals': fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  'a duration': fc.oneof(fc.nat(10_000), fc.float({ min: 0, max: 100, noNaN: true })).map((n) => `${n}s`),
  'hexadecimal digits': textOf('0123456789abcdef', 8, 40),
  'hexadecimal digits in capitals': textOf('0123456789ABCDEF', 8, 40),
  'a handle of ours': fc
    .tuple(mixed(`${lower}${upper}${digits}_-`, 40, 200), mixed(`${lower}${upper}${digits}_-`, 40, 40))
    .map(([body, signature]) => `eyJhbGciOiJIUzI1NiIsInR5cCI6InRvb2x3YXRjaC1zZXNzaW9uIn0.${body}.${signature}`),
  'an id with a prefix': mixed(`${lower}${upper}${digits}`, 14, 24).map((id) => `pi_${id}`),
  'a ULID': fc.ulid(),
  base64: fc.uint8Array({ minLength: 12, maxLength: 60 }).map((bytes) => {
    const text = Buffer.from(bytes).toString('base64');
    return `a7Z${text}`.slice(0, 4 * Math.floor((text.length + 3) / 4));
  }),
  'a time of ISO 8601': moment.map((at) => at.toISOString()),
  'a day': moment.map((at) => at.toISOString().slice(0, 10)),
  'a time of HTTP': moment.map((at) => at.toUTCString()),
  'a time of JavaScript': moment.map(String),
  'a time of a clock': moment.map((at) => at.toLocaleTimeString('en-US', { timeZone: 'UTC' })),
  'an address of IPv4': fc.ipV4(),
  'an address with a port': fc.tuple(fc.ipV4(), fc.integer({ min: 1, max: 65_535 })).map((parts) => parts.join(':')),
  'an address of IPv6': fc
    .array(textOf('0123456789abcdef', 1, 4), { minLength: 7, maxLength: 7 })
    .map((groups) => [...groups, '8a'].join(':')),
  'an e-mail address': fc
    .tuple(textOf(lower, 2, 10), textOf(lower, 2, 10))
    .map(([name, host]) => `${name}@${host}.example`),
  'a path': fc
    .array(textOf(`${lower}${digits}_-`, 1, 12), { minLength: 2, maxLength: 5 })
    .map((p) => `/${p.join('/')}`),
  'a relative path with an id': fc.oneof(fc.nat().map(String), fc.uuid()).map((id) => `orders/${id}/items`),
  'an address of the web': fc
    .tuple(fc.webPath({ size: 'small' }), fc.nat())
    .map(([path, id]) => `https://api.shop.example/v1${path.replace(/['()@]/g, '')}?id=${id}`),
  'a list of numbers': fc.array(fc.nat(), { minLength: 1, maxLength: 9 }).map((list) => list.join(', ')),
  'a quoted text': textOf(`${lower}${digits} `, 0, 40).map((text) => `"${text}"`),
};

const TEMPLATES: readonly ((value: string) => string)[] = [
  (value) => `order ${value} was not found`,
  (value) => `cannot read ${value}`,
  (value) => `the order (${value}) is closed`,
  (value) => `key ${value}: it is gone`,
  (value) => `id=${value}, which is taken`,
];

test.each(Object.entries(VALUES))('%s does not split a group', (_, values) => {
  fc.assert(
    fc.property(values, values, fc.constantFrom(...TEMPLATES), (one, other, template) => {
      // What follows a name such as `…JWT:` is a secret, and a message without it is another one.
      fc.pre(!isSensitiveKey(one) && !isSensitiveKey(other));
      expect(fingerprintOf(template(one))).toBe(fingerprintOf(template(other)));
    }),
    { numRuns: 300 },
  );
});

test('what a message says stays apart: words, properties, the status of an answer', () => {
  const messages = [
    'order 17 was cancelled',
    'order 17 was not found',
    "Cannot read properties of undefined (reading 'price')",
    "Cannot read properties of undefined (reading 'stock')",
    'shop answered 503',
    'shop answered 404',
    'std::vector is empty',
    'the facade is closed',
    'orders are closed',
    'getElementByIdentifier is not a function',
    'March is not a month that has data',
  ];
  expect(new Set(messages.map(fingerprintOf)).size).toBe(messages.length);
  expect(normalise('the facade of Module::Loader (May 5 ways) decade', 1_024)).toBe(
    'the facade of Module::Loader (May <n> ways) decade',
  );
});
