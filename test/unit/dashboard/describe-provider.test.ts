import { expect, test } from 'vitest';
import {
  describeBefore,
  describeOtherFailures,
  sortWorstFirst,
} from '../../../dashboard/views/providers/describe-provider.ts';
import type { Provider } from '../../../lambdas/contract/api/providers.ts';

const NO_FAILURES = { caller: 0, dependency: 0, ours: 0, platform: 0 };

const aProvider = (name: string, calls: number, failures: Partial<Provider['failures']> = {}): Provider => ({
  provider: name,
  calls,
  failures: { ...NO_FAILURES, ...failures },
  p95_ms: 80,
  last_failure_at: null,
  domains: [],
  tools: [],
  tool_count: 0,
  before: { calls: 0, failures: 0, p95_ms: null },
});

test('the worst provider is the one that fails the largest part of its calls, whoever else fails', () => {
  const providers = [
    aProvider('busy', 9_000, { dependency: 40 }),
    aProvider('quiet', 10),
    aProvider('blameless', 50, { caller: 50 }),
    aProvider('broken', 50, { dependency: 40 }),
    aProvider('small', 5, { dependency: 4 }),
  ];
  const names = sortWorstFirst(providers).map(({ provider }) => provider);
  expect(names).toEqual(['broken', 'small', 'busy', 'blameless', 'quiet']);
});

test('failures that are not the provider’s are listed by whose they are', () => {
  expect(describeOtherFailures(aProvider('shop', 9, { dependency: 3, caller: 2, platform: 1 }))).toBe(
    '2 the caller’s, 1 the platform’s',
  );
  expect(describeOtherFailures(aProvider('shop', 9, { dependency: 9 }))).toBe('–');
});

test('the time before is one line, also where nobody called', () => {
  const shop = aProvider('shop', 9);
  expect(describeBefore(shop)).toBe('not called');
  expect(describeBefore({ before: null })).toBe('too many calls to compare');
  expect(describeBefore({ before: { calls: 120, failures: 3, p95_ms: 80 } })).toBe('2.5 % of 120 calls, p95 80 ms');
});
