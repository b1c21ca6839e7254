import { expect, expectTypeOf, test } from 'vitest';
import * as z from 'zod';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aCall, aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

const facts = {
  name: 'double',
  description: 'Double a number. Use it in tests.',
  input: z.object({ n: z.number().describe('The number') }),
  output: z.object({ twice: z.number() }),
  readOnly: true,
  timeoutSeconds: 5,
  alarms: { p95Ms: 1_000, errorRate: 0.05 },
};
const double = defineTool(facts).run(({ n }) => ({ twice: 2 * n }));

test('a call returns the plain output and writes exactly one line, which is a record', async () => {
  const call = aCall({ tenant_id: 'acme', traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  expect(await double({ n: 4 }, aContext(call))).toEqual({ twice: 8 });
  expect(lines.raw()).toHaveLength(1);
  const [record] = lines.records();
  expect(record).toMatchObject({
    event_id: call.event_id,
    kind: 'tool',
    name: 'double',
    success: true,
    attempts: 1,
    tenant_id: 'acme',
    correlation_id: 'test-correlation',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    request_bytes: 7,
    response_bytes: 11,
  });
  expect(record?.error_code).toBeUndefined();
});

test('the same line contains the metrics, with the dimensions service and tool', async () => {
  await double({ n: 1 });
  const line = JSON.parse(lines.raw()[0] ?? '');
  expect(line).toMatchObject({
    service: 'toolwatch',
    tool: 'double',
    error: 0,
    caller_error: 0,
    slow: 0,
    level: 'INFO',
  });
  expect(line._aws.CloudWatchMetrics[0].Dimensions).toEqual([['service', 'tool']]);
});

test('invalid arguments are the caller’s fault, and the reply names them', async () => {
  const reply = await double({ n: 'four' }, aContext());
  expect(reply).toMatchObject({ isError: true, code: 'INVALID_INPUT', fault: 'caller', retryable: false });
  expect(reply).toHaveProperty('message', expect.stringContaining('at n'));
  expect(lines.records()).toMatchObject([{ success: false, error_code: 'INVALID_INPUT', fault: 'caller' }]);
});

test('the caller reads a ToolError’s message; any other error is our fault, and its message stays private', async () => {
  const busy = defineTool(facts).run(() => {
    throw new ToolError('RATE_LIMITED', 'Too many today', { retryAfterSeconds: 30 });
  });
  expect(await busy({ n: 1 })).toMatchObject({ code: 'RATE_LIMITED', fault: 'dependency', message: 'Too many today' });
  const broken = defineTool(facts).run(() => {
    throw new TypeError('inner secret');
  });
  const reply = await broken({ n: 1 });
  expect(reply).toMatchObject({ code: 'INTERNAL_ERROR', fault: 'ours' });
  expect(JSON.stringify(reply)).not.toContain('inner secret');
  expect(lines.records().map((record) => record.error_type)).toEqual(['tool_error', 'TypeError']);
});

test('a tool that takes too long is aborted, and the reply comes before the function’s own time is over', async () => {
  let reason: unknown;
  const slow = defineTool(facts).run((_args, { signal }) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason.name;
    });
    return new Promise<never>(() => {});
  });
  expect(await slow({ n: 1 }, aContext({}, { remainingMs: 260 }))).toMatchObject({ code: 'TIMEOUT', fault: 'ours' });
  expect(reason).toBe('TimeoutError');
});

test('the input types the arguments, the names type the settings, and the output types the result', () => {
  defineTool({ ...facts, settings: ['SHOP_URL'] }).run((args, { settings }) => {
    expectTypeOf(args).toEqualTypeOf<{ n: number }>();
    expectTypeOf(settings).toEqualTypeOf<Readonly<Record<'SHOP_URL', string>>>();
    return { twice: args.n };
  });
  // @ts-expect-error the type checker rejects a result of another shape
  defineTool(facts).run(() => ({ thrice: 3 }));
});
