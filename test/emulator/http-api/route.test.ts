import { describe, expect, test } from 'vitest';
import { matchRoute, parseRouteKey } from '../../../emulator/http-api/route.ts';
import { createTokenBucket } from '../../../emulator/http-api/token-bucket.ts';

const routes = [
  '$default',
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/dog/{id}',
  'ANY /pets/dog/1',
  'GET /pets/dog/1',
].map(parseRouteKey);
const keyFor = (method: string, path: string) => matchRoute(routes, method, path)?.route.key;

describe('a request goes to the most specific route', () => {
  test.each([
    ['GET', '/pets/dog/1', 'GET /pets/dog/1'],
    ['POST', '/pets/dog/1', 'ANY /pets/dog/1'],
    ['GET', '/pets/dog/2', 'GET /pets/dog/{id}'],
    ['GET', '/pets/cat/1', 'GET /pets/{proxy+}'],
    ['POST', '/test/5', 'ANY /{proxy+}'],
    ['GET', '/', '$default'],
    ['GET', '/pets/dog/', 'GET /pets/{proxy+}'],
  ])('%s %s to %s', (method, path, key) => {
    expect(keyFor(method, path)).toBe(key);
  });

  test('with the values of the path variables', () => {
    expect(matchRoute(routes, 'GET', '/pets/dog/2')?.pathParameters).toEqual({ id: '2' });
    expect(matchRoute(routes, 'GET', '/pets/a/b')?.pathParameters).toEqual({ proxy: 'a/b' });
  });

  test('or to none when no route matches', () => {
    const [, , pets] = routes;
    expect(matchRoute(pets ? [pets] : [], 'POST', '/pets/1')).toBeUndefined();
    expect(matchRoute(pets ? [pets] : [], 'GET', '/pets')).toBeUndefined();
  });
});

test('an invalid route key is refused', () => {
  expect(() => parseRouteKey('FETCH /pets')).toThrow('FETCH /pets is not a route key');
});

test('a token bucket admits a burst, and then no more than its rate', () => {
  let now = 0;
  const bucket = createTokenBucket({ rate: 2, burst: 3 }, () => now);
  expect([1, 2, 3, 4].map(bucket.take)).toEqual([true, true, true, false]);
  now = 500;
  expect([1, 2].map(bucket.take)).toEqual([true, false]);
  now = 60_000;
  expect([1, 2, 3, 4].map(bucket.take)).toEqual([true, true, true, false]);
});
