import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANGES } from '../../../lambdas/contract/changes.ts';
import { ENDPOINTS } from '../../../lambdas/contract/endpoints.ts';
import { OPERATIONS } from '../../../lambdas/contract/operations.ts';
import {
  type Method,
  replaceParameters,
  splitRequestName,
  toPathPattern,
  toRoute,
} from '../../../lambdas/contract/request-names.ts';

const NAMES = [...Object.keys(ENDPOINTS).map((path) => `GET ${path}`), ...Object.keys({ ...CHANGES, ...OPERATIONS })];
const aName = fc.constantFrom(...(NAMES as `${Method} /${string}`[]));
const aValue = fc.string({ unit: 'grapheme', minLength: 1 });

test('a name is of a method and a path, and no part of it is lost', () => {
  fc.assert(
    fc.property(aName, (name) => {
      const [method, path] = splitRequestName(name);
      expect(method).toMatch(/^(GET|POST|PUT|DELETE)$/);
      expect(`${method} ${path}`).toBe(name);
    }),
  );
});

test('the pattern of a path finds the values of its parameters, whatever they are', () => {
  fc.assert(
    fc.property(aName, fc.infiniteStream(aValue), (name, values) => {
      const [, path] = splitRequestName(name);
      const written: Record<string, string> = {};
      const asked = replaceParameters(path, (parameter) => {
        written[parameter] = encodeURIComponent(values.next().value ?? '');
        return written[parameter];
      });
      expect({ ...toPathPattern(path).exec(asked)?.groups }).toEqual(written);
      expect(toPathPattern(path).test(`${asked}/more`)).toBe(false);
    }),
  );
});

test('a route has each parameter in braces', () => {
  expect(toRoute('/v1/alert-rules/:name/enabled')).toBe('/v1/alert-rules/{name}/enabled');
  expect(toRoute('/v1/calls')).toBe('/v1/calls');
});
