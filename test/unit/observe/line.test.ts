import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invocation } from '../../../lambdas/contract/invocation.ts';
import { LINE_LIMIT_BYTES } from '../../../lambdas/contract/limits.ts';
import { operationOf } from '../../../lambdas/observe/call/operation.ts';
import { failureOfThrown } from '../../../lambdas/observe/failure/failure.ts';
import { type CallRecord, formatLine } from '../../../lambdas/observe/line/format-line.ts';
import { redactValue } from '../../../lambdas/observe/privacy/redact.ts';
import { aCall } from '../../support/lambda-context.ts';

const operation = operationOf({ kind: 'tool', name: 'weather', slowMs: 100, provider: 'meteo', gptName: 'forecaster' });
const aRecord = (given: Partial<CallRecord> = {}): CallRecord => ({
  call: aCall({ tenant_id: 'acme', user_id: 'u-1', client_name: 'claude' }),
  traceId: '0af7651916cd43dd8448eb211c80319c',
  startedAtMs: 1_795_200_000_000,
  finishedAtMs: 1_795_200_000_123,
  durationMs: 122.4567,
  coldStart: false,
  attempts: 1,
  failure: undefined,
  requestBytes: 17,
  responseBytes: 20,
  ...given,
});

/** What Powertools' Metrics prints for the fields of a line. */
const formatByPowertools = (line: Record<string, unknown>): string => {
  const { _aws, service, tool, duration_ms, error, ...metadata } = line;
  const printed: string[] = [];
  const metrics = new Metrics({ namespace: 'Toolwatch', serviceName: String(service) });
  Object.assign(metrics, { console: { log: (text: string) => printed.push(text) } });
  metrics.setTimestamp((_aws as { Timestamp: number }).Timestamp);
  metrics.addDimension('tool', String(tool));
  for (const [key, value] of Object.entries(metadata)) metrics.addMetadata(key, value as string);
  metrics.addMetric('duration_ms', MetricUnit.Milliseconds, Number(duration_ms));
  metrics.addMetric('error', MetricUnit.Count, Number(error));
  metrics.publishStoredMetrics();
  return printed[0] ?? '';
};

describe('a line', () => {
  test.each([
    ['of a success', aRecord({ metadata: { init_ms: 1 }, measures: { orders: 2 }, costUsd: 0.25 })],
    ['of a failure', aRecord({ failure: failureOfThrown(new TypeError('x "y" \n z')) })],
  ])('%s has exactly the bytes that Powertools Metrics prints', (_, record) => {
    const line = formatLine(operationOf({ kind: 'tool', name: 'weather', slowMs: 100 }), record);
    expect(line).toBe(formatByPowertools(JSON.parse(line)));
  });

  test.each([
    ['dependency', 1],
    ['ours', 0],
  ] as const)('of a call that fails by the fault %s counts %d failures of its provider', (fault, counted) => {
    const failure = { code: 'UPSTREAM_ERROR', fault, type: 'http_503', message: 'down', retryable: false } as const;
    const line = JSON.parse(formatLine(operation, aRecord({ failure })));
    expect(line).toMatchObject({ provider: 'meteo', dependency_error: counted, error: 1 });
    expect(line._aws.CloudWatchMetrics[1]).toEqual({
      Namespace: 'Toolwatch',
      Dimensions: [['service', 'provider']],
      Metrics: [{ Name: 'dependency_error', Unit: 'Count' }],
    });
  });

  test('is a record, and slow when the call exceeded its tool’s threshold', () => {
    const line = JSON.parse(formatLine(operation, aRecord()));
    expect(invocation.parse(line)).toMatchObject({ duration_ms: 122.457, provider: 'meteo', gpt_name: 'forecaster' });
    expect(line.slow).toBe(1);
  });

  test('reports earlier losses as a separate metric without the dimension tool', () => {
    const line = JSON.parse(formatLine(operation, aRecord({ dropped: 3 })));
    expect(line.telemetry_dropped).toBe(3);
    expect(line._aws.CloudWatchMetrics.at(-1)).toEqual({
      Namespace: 'Toolwatch',
      Dimensions: [['service']],
      Metrics: [{ Name: 'telemetry_dropped', Unit: 'Count' }],
    });
  });

  test('is a record on one line within its limit, whatever untrusted text it contains', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 256, minLength: 1 });
    const metadata = fc.dictionary(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary', maxLength: 5_000 }));
    fc.assert(
      fc.property(anything, anything, metadata, (text, message, value) => {
        const call = aCall({ user_agent: text, client_name: text, session_id: text, user_id: text, tenant_id: text });
        const failure = failureOfThrown(Object.assign(new Error(message.repeat(40)), { name: text }));
        const line = formatLine(
          operation,
          aRecord({ call, failure, metadata: redactValue(value) as Record<string, unknown> }),
        );
        expect(line).not.toMatch(/[\n\r]|\\u0000/);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_LIMIT_BYTES);
        invocation.parse(JSON.parse(line));
      }),
      { numRuns: 200 },
    );
  });

  test('that would be too long is written without metadata and says so', () => {
    const line = formatLine(operation, aRecord({ metadata: { note: 'x'.repeat(40_000) } }));
    expect(JSON.parse(line).metadata).toEqual({ altered: ['metadata: more than 16384 bytes, dropped'] });
    expect(Buffer.byteLength(line)).toBeLessThan(4_096);
  });
});
