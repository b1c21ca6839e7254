import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readErrorReport } from '../../../lambdas/contract/error-report.ts';

const read = (report: unknown) => readErrorReport(typeof report === 'string' ? report : JSON.stringify(report));

describe('of Lambda’s report of a function that failed', () => {
  test.each([
    'Runtime.ExitError',
    'Runtime.UnhandledPromiseRejection',
    'Sandbox.Timedout',
    'Function.ResponseSizeTooLarge',
    'Error',
    'TypeError',
    'java.lang.IllegalStateException',
  ])('the type %s is read', (errorType) => {
    expect(read({ errorType, errorMessage: 'words of somebody' }).errorType).toBe(errorType);
  });

  test.each<[string, unknown]>([
    ['no name of an error', { errorType: 'order A-1042 of Ann' }],
    ['a sentence that ends like one', { errorType: 'Ann paid with 4111 Error' }],
    ['a long name', { errorType: `${'x'.repeat(100)}Error` }],
    ['no text', { errorType: { name: 'Error' } }],
    ['absent', { errorMessage: 'words' }],
    ['in no JSON', 'words of somebody'],
    ['in no object', '"Error"'],
    ['in nothing', ''],
  ])('a type that is %s is not read', (_, report) => {
    expect(read(report)).toEqual({ errorType: 'Unknown', isTimeout: false });
  });

  test('a timeout is one by its type, or by a message that is nothing but Lambda’s own', () => {
    const timeout = { errorType: 'Sandbox.Timedout', isTimeout: true };
    expect(read({ errorType: 'Sandbox.Timedout', errorMessage: 'x' })).toEqual(timeout);
    expect(read({ errorMessage: '2026-11-20T12:00:00.000Z 6a5f Task timed out after 3.00 seconds' })).toEqual(timeout);
    expect(read({ errorType: 'Error', errorMessage: 'a b Task timed out after 3.00 seconds' }).isTimeout).toBe(false);
    expect(read({ errorMessage: 'my order: Task timed out after 3.00 seconds, he said' }).isTimeout).toBe(false);
  });

  test('no other word is read', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (errorType, errorMessage) => {
        expect(read({ errorType, errorMessage, trace: [errorMessage] }).errorType).toMatch(
          /^(Unknown|[A-Za-z\d.]*(Error|Exception))$/,
        );
      }),
    );
  });
});
