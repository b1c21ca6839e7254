import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import placeOrder from '../../../lambdas/tools/place-order.ts';
import { catalogueOf } from '../../../lib/tools/catalogue.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

/** The message of the reply to these arguments; undefined when the tool ran. */
const messageFor = async (input: z.ZodObject, args: unknown): Promise<string | undefined> => {
  const tool = defineTool({ ...toolFacts(), input, output: z.object({}) }).run(() => ({}));
  const reply = await tool(args, aContext());
  return 'message' in reply ? String(reply.message) : undefined;
};
const item = z.object({ sku: z.string(), quantity: z.int() });

describe('an argument that a tool does not have', () => {
  test('is refused by name, with the names there are, before anything is done', async () => {
    const reply = await placeOrder({ sku: 'LAM-108', quantity: 1, max_price_cents: 10 }, aContext());
    expect(reply).toMatchObject({
      isError: true,
      code: 'INVALID_INPUT',
      fault: 'caller',
      message: 'There is no argument max_price_cents; it takes sku, quantity.',
    });
    expect(lines.records()).toMatchObject([
      { error_type: 'unknown_argument', error_message: 'Arguments that the tool does not have', fault: 'caller' },
    ]);
  });

  test('is answered with the name that was probably meant', async () => {
    expect(await messageFor(item, { sku: 'a', quantity: 1, Quantitiy: 2 })).toContain('perhaps quantity was meant');
  });

  test('is named together with what else is wrong', async () => {
    expect(await messageFor(item, { quantity: 1, skuu: 'a' })).toMatch(
      /at sku; There is no argument skuu, perhaps sku/,
    );
  });

  test.each<[string, z.ZodObject, unknown, string]>([
    ['in an object', z.object({ item }), { item: { sku: 'a', quantity: 1, max: 2 } }, 'max in item;'],
    [
      'in a list',
      z.object({ items: z.array(item).default([]) }),
      { items: [{ sku: 'a', quantity: 1, max: 2 }] },
      'max in items.0;',
    ],
    [
      'in a tuple',
      z.object({ pair: z.tuple([z.string(), item]) }),
      { pair: ['a', { sku: 'a', quantity: 1, max: 2 }] },
      'max in pair.1;',
    ],
    [
      'in a map',
      z.object({ map: z.record(z.string(), item.optional()) }),
      { map: { a: { sku: 'a', quantity: 1, max: 2 } } },
      'max in map.a;',
    ],
    [
      'in an option',
      z.object({ by: z.union([z.object({ id: z.string() }), item]) }),
      { by: { sku: 'a', quantity: 1, max: 2 } },
      'max in by;',
    ],
    [
      'before a transformation',
      z.object({ item: item.transform(({ sku }) => sku) }),
      { item: { sku: 'a', quantity: 1, max: 2 } },
      'max in item;',
    ],
    [
      'beside both sides of an intersection',
      z.object({ both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })) }),
      { both: { a: '1', b: '2', c: '3' } },
      'c in both;',
    ],
    [
      'in a recursive schema',
      z.object({
        get next() {
          return z.object({ id: z.string() }).optional();
        },
      }),
      { next: { id: 'a', max: 2 } },
      'max in next;',
    ],
    ['in a strict object', z.strictObject({ sku: z.string() }), { sku: 'a', max: 2 }, 'no argument max; it takes sku'],
    ['named like a part of every object', item, JSON.parse('{"sku":"a","quantity":1,"__proto__":{}}'), '__proto__'],
  ])('is found %s', async (_, input, args, expected) => {
    expect(await messageFor(input, args)).toContain(expected);
  });

  test.each<[string, z.ZodObject, unknown]>([
    ['of a loose object', z.looseObject({ sku: z.string() }), { sku: 'a', max: 2 }],
    ['that a catchall describes', z.object({ sku: z.string() }).catchall(z.string()), { sku: 'a', max: '2' }],
    ['inside a value of any kind', z.object({ any: z.unknown() }), { any: { max: 2 } }],
    [
      'of one side of an intersection',
      z.object({ both: z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })) }),
      { both: { a: '1', b: '2' } },
    ],
    [
      'of the option that accepts it',
      z.object({ by: z.union([z.object({ id: z.string() }), item]) }),
      { by: { id: 'a' } },
    ],
  ])('is not one %s', async (_, input, args) => {
    expect(await messageFor(input, args)).toBeUndefined();
  });

  test('is refused for every other name, and known names are not', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), async (more) => {
        const isKnown = Object.keys(more).every((name) => name === 'sku' || name === 'quantity');
        const message = await messageFor(item, { ...more, sku: 'a', quantity: 1 });
        expect(message === undefined).toBe(isKnown);
      }),
    );
  });

  test('is not announced to clients as one that may be sent', () => {
    const order = catalogueOf([placeOrder])[0]?.inputSchema;
    expect(order).toMatchObject({ additionalProperties: false });
    const loose = defineTool({ ...toolFacts(), input: z.looseObject({ item: z.object({}) }) }).run(() => ({
      degrees: 1,
    }));
    const published = catalogueOf([loose])[0]?.inputSchema as { additionalProperties?: unknown; properties?: object };
    expect(published.additionalProperties).not.toBe(false);
    expect(published.properties).toMatchObject({ item: { additionalProperties: false } });
  });
});
