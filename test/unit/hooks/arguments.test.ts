import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readArguments } from '../../../lambdas/contract/jobs/arguments.ts';

const read = (body: string, contentType?: string, argument?: string) =>
  readArguments({ payload: Buffer.from(body), contentType, argument });

describe('the arguments of a job', () => {
  test('are the keys of a JSON object, whatever kind of JSON it is called', () => {
    for (const type of [
      undefined,
      'application/json',
      'Application/JSON; charset=utf-8',
      'application/cloudevents+json',
    ])
      expect(read('{"a":[1,{"b":null}]}', type), String(type)).toEqual({ arguments: { a: [1, { b: null }] } });
  });

  test('are the fields of a form as texts, and a list where one is repeated', () => {
    const form = 'application/x-www-form-urlencoded';
    expect(read('a=1&b=x+y&a=%C3%BC&c=', form)).toEqual({ arguments: { a: ['1', 'ü'], b: 'x y', c: '' } });
  });

  test('are one with the whole body where the setting names it: a value, an object, or a text', () => {
    expect(read('[1]', 'application/json', 'event')).toEqual({ arguments: { event: [1] } });
    expect(read('a=1', 'application/x-www-form-urlencoded', 'event')).toEqual({ arguments: { event: { a: '1' } } });
    expect(read('<a/>', 'application/xml', 'event')).toEqual({ arguments: { event: '<a/>' } });
    expect(read('', 'text/plain', 'event')).toEqual({ arguments: { event: '' } });
  });

  test('have no texts that the store does not take', () => {
    expect(read(String.raw`{"a\u0000":"x\u0000y\ud800z","b":["\udc00"]}`)).toEqual({
      arguments: { a: 'xy\ufffdz', b: ['\ufffd'] },
    });
  });

  test('are own keys, also those that objects have by themselves', () => {
    const { arguments: found } = read('{"__proto__":{"a":1},"constructor":2}') as { arguments: object };
    expect(Object.keys(found)).toEqual(['__proto__', 'constructor']);
    expect((found as { a?: unknown }).a).toBeUndefined();
  });

  test('are what they were, when they are read again from what they are written as', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const first = read(JSON.stringify(value)) as { arguments: object };
        expect(read(JSON.stringify(first.arguments))).toEqual(first);
      }),
    );
  });

  test('are read in time from a form of the largest size', () => {
    const fields = 'a&'.repeat(250_000);
    const { arguments: found } = read(fields, 'application/x-www-form-urlencoded') as { arguments: { a: string[] } };
    expect(found.a).toHaveLength(250_000);
  });
});
