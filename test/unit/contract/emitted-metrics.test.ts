import { expect, test, vi } from 'vitest';
import { EMITTED, EMITTED_METRICS, METRIC_NAME } from '../../../lambdas/contract/emitted-metrics.ts';
import { NAMESPACE } from '../../../lambdas/contract/metrics.ts';
import { operationOf } from '../../../lambdas/observe/call/operation.ts';

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}

/** The metrics of the line of a call that has all of them. */
const writtenByWrapper = (): Directive[] => {
  vi.stubEnv('TOOLWATCH_CALLER_ERROR_METRIC', 'on');
  const { formatAfterTimestamp } = operationOf({ kind: 'tool', name: 'pay', provider: 'bank' });
  vi.unstubAllEnvs();
  return JSON.parse(`{"_aws":{"Timestamp":0${formatAfterTimestamp({ isCallersFault: false, hasLosses: true })}}`)._aws
    .CloudWatchMetrics;
};

test('the wrapper writes each of its metrics with the dimensions and the unit of the table, and no other', () => {
  const written = writtenByWrapper().flatMap(({ Namespace, Dimensions, Metrics }) =>
    Metrics.map(({ Name, Unit }) => ({ namespace: Namespace, name: Name, unit: Unit, dimensions: Dimensions })),
  );
  const stated = EMITTED_METRICS.filter(({ writtenBy }) => writtenBy === 'wrapper').map(
    ({ name, unit, dimensions }) => ({ namespace: NAMESPACE, name, unit, dimensions: [dimensions] }),
  );
  const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
  expect(written.sort(byName)).toEqual(stated.sort(byName));
});

test('no two metrics have one name, so that a name tells the dimensions', () => {
  expect(new Set(EMITTED_METRICS.map(({ name }) => name)).size).toBe(EMITTED_METRICS.length);
  expect(EMITTED.calls.error.dimensions).toEqual(['service', 'tool']);
});

test.each([
  ['order_status', true],
  ['orders.get', true],
  ['x'.repeat(64), true],
  ['x'.repeat(65), false],
  ['prüfung', false],
  ['a/b', false],
  ['', false],
])('the name %j may be that of a tool: %s', (name, isAllowed) => {
  expect(METRIC_NAME.test(name)).toBe(isAllowed);
});
