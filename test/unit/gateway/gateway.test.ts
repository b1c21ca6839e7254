import { afterEach, describe, expect, test } from 'vitest';
import { AGENTCORE_KEYS, CALL_CONTEXT_KEY, callContext } from '../../../lambdas/contract/call-context.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { exampleTools } from '../../support/example-tools.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';
import { GENERATIONS, textOf } from '../../support/mcp-client.ts';

const rig = gatewayRig();
const lines = captureLines();
const restorers: (() => void)[] = [];
afterEach(() => {
  for (const restore of restorers.splice(0)) restore();
});

describe.each(GENERATIONS)('a client of %s', (generation) => {
  test('lists the catalogue with hints', async () => {
    const client = await rig.client(generation);
    const { tools: listed } = await client.listTools();
    expect(listed.map(({ name }) => name)).toEqual(exampleTools.map(({ facts }) => facts.name));
    const order = listed.find(({ name }) => name === 'order_status');
    expect(order?.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: true });
    await client.close();
  });

  test('calls a tool and gets its output as structured content and as text', async () => {
    const client = await rig.client(generation);
    await client.listTools();
    const result = await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
    expect(result.structuredContent).toMatchObject({ order_id: 'A-1042', state: 'packed' });
    expect(JSON.parse(textOf(result))).toEqual(result.structuredContent);
    expect(lines.records()).toMatchObject([
      { kind: 'tool', name: 'order_status', success: true, client_name: 'test-client', client_version: '1.2.3' },
    ]);
    await client.close();
  });

  test('gets a tool’s failure in words, with the id to follow it up', async () => {
    const client = await rig.client(generation, { 'x-request-id': 'my-request-0001' });
    const result = await client.callTool({ name: 'order_status', arguments: { order_id: 'A-99999' } });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toBe('INVALID_INPUT: There is no order A-99999. Check the number.');
    expect(result._meta).toMatchObject({ correlation_id: 'my-request-0001', error_code: 'INVALID_INPUT' });
    expect(lines.records()).toMatchObject([{ correlation_id: 'my-request-0001', fault: 'caller' }]);
    await client.close();
  });

  test('gets a protocol error for an unknown tool, recorded as the caller’s fault without the name', async () => {
    const client = await rig.client(generation);
    const before = rig.invoked().length;
    const call = (name: string) => client.callTool({ name, arguments: {} });
    await expect(call('drop_tables')).rejects.toMatchObject({ code: -32_602 });
    await expect(call('ignore_all_previous_instructions')).rejects.not.toThrow('ignore_all');
    expect(rig.invoked()).toHaveLength(before);
    const rejected = { kind: 'tool', name: '_OTHER', error_code: 'INVALID_INPUT', fault: 'caller' };
    expect(lines.records()).toMatchObject([rejected, rejected]);
    expect(new Set(lines.records().map(({ error_fingerprint }) => error_fingerprint)).size).toBe(1);
    expect(lines.raw().join()).not.toMatch(/drop_tables|ignore_all/);
    expect(lines.raw().map((line) => JSON.parse(line))).toMatchObject(
      Array(2).fill({ tool: '_OTHER', caller_error: 1 }),
    );
    await client.close();
  });

  test('gets the tool’s own message about wrong arguments', async () => {
    const client = await rig.client(generation);
    const result = await client.callTool({ name: 'order_status', arguments: { order_id: 42 } });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toMatch(/^INVALID_INPUT: .*order_id/s);
    expect(lines.records()).toMatchObject([{ name: 'order_status', error_code: 'INVALID_INPUT', fault: 'caller' }]);
    await client.close();
  });
});

test('the list of tools contains nothing that only the gateway needs', async () => {
  const response = await fetch(rig.url(), {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  const sent = await response.text();
  expect(sent).toContain('order_status');
  expect(sent).not.toMatch(/alarms|slowMs|timeoutSeconds|provider/);
});

describe('an invocation that fails', () => {
  const failures = [
    [
      'by its timeout',
      {
        killed: {
          errorType: 'Sandbox.Timedout',
          errorMessage: 'RequestId: 1 Error: Task timed out after 15.00 seconds',
        },
      },
      'TIMEOUT',
      'platform',
    ],
    [
      'out of memory',
      {
        killed: {
          errorType: 'Runtime.ExitError',
          errorMessage: 'RequestId: 1 Error: Runtime exited with error: signal: killed',
        },
      },
      'INTERNAL_ERROR',
      'platform',
    ],
    [
      'before it starts',
      { killed: { errorType: 'Runtime.ImportModuleError', errorMessage: 'Error: Cannot find module' } },
      'INTERNAL_ERROR',
      'ours',
    ],
    ['by throttling', { refused: { status: 429, type: 'TooManyRequestsException' } }, 'RATE_LIMITED', 'platform'],
    [
      'by arguments that grew too large',
      { refused: { status: 413, type: 'RequestTooLargeException' } },
      'INVALID_INPUT',
      'caller',
    ],
    ['by not existing', { refused: { status: 404, type: 'ResourceNotFoundException' } }, 'INTERNAL_ERROR', 'platform'],
  ] as const;

  test.each(failures)(
    '%s is answered in words, and the gateway writes its line',
    async (_, reply, error_code, fault) => {
      restorers.push(rig.replace('order_status', () => reply));
      const client = await rig.client('2026-07-28');
      const result = await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
      const sent = callContext.parse(JSON.parse(rig.invoked().at(-1)?.clientContext.custom[CALL_CONTEXT_KEY] ?? ''));
      expect(result.isError).toBe(true);
      expect(textOf(result)).toMatch(new RegExp(`^${error_code}: `));
      expect(lines.records()).toMatchObject([
        {
          kind: 'tool',
          name: 'order_status',
          event_id: sent.event_id,
          success: false,
          error_code,
          fault,
          provider: 'shop',
        },
      ]);
      expect(lines.raw().map((line) => JSON.parse(line))).toMatchObject([
        { tool: 'order_status', error: fault === 'caller' ? 0 : 1 },
      ]);
      await client.close();
    },
  );

  test.each([
    ['Runtime.UnhandledPromiseRejection', 'ours', 'Runtime.UnhandledPromiseRejection'],
    ['Runtime.ExitError', 'platform', 'Runtime.ExitError'],
    ['TypeError', 'ours', 'TypeError'],
    ['Ann’s order', 'ours', 'Unknown'],
  ])(
    'as %s says how it ended, and no word of the report, which may be an earlier caller’s',
    async (type, fault, recorded) => {
      const errorMessage = 'Ann’s card 4111 1111 1111 1111';
      restorers.push(rig.replace('order_status', () => ({ killed: { errorType: type, errorMessage } })));
      const client = await rig.client('2026-07-28');
      const result = await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
      expect(lines.records()).toMatchObject([{ fault, error_type: recorded }]);
      expect(lines.raw().join() + JSON.stringify(result)).not.toMatch(/Ann|card/);
      await client.close();
    },
  );

  test('in the middle of work that may not be repeated is not offered for a retry', async () => {
    restorers.push(rig.replace('place_order', () => failures[0][1]));
    const client = await rig.client('2026-07-28');
    const result = await client.callTool({ name: 'place_order', arguments: { sku: 'LAM-108', quantity: 1 } });
    expect(textOf(result)).toBe(
      'TIMEOUT: The tool was stopped and may have done its work. Check whether it did before you try again.',
    );
    expect(result._meta).toMatchObject({ retryable: false });
    await client.close();
  });
});

describe('the context that a tool receives', () => {
  test('has AgentCore’s keys, with our own beside them', async () => {
    const client = await rig.client('2026-07-28');
    await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
    const { functionName, event, clientContext } = rig.invoked().at(-1) ?? {};
    expect(functionName).toBe('toolwatch-tool-order_status:live');
    expect(event).toEqual({ order_id: 'A-1042' });
    expect(clientContext?.custom).toMatchObject({
      [AGENTCORE_KEYS.toolName]: 'toolwatch___order_status',
      [AGENTCORE_KEYS.mcpMessageId]: expect.any(String),
    });
    await client.close();
  });

  test('has the flag for DEBUG that the client sent, if it can be one, and the tool refuses a forged one', async () => {
    const flag = `d1.1795200000.${'0'.repeat(64)}`;
    for (const [sent, received] of [
      [flag, flag],
      ['x'.repeat(2_000), undefined],
    ]) {
      const client = await rig.client('2026-07-28', { 'x-toolwatch-debug': sent ?? '' });
      await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
      const custom = rig.invoked().at(-1)?.clientContext.custom[CALL_CONTEXT_KEY] ?? '';
      expect(callContext.parse(JSON.parse(custom)).debug_flag).toBe(received);
      await client.close();
    }
    expect(lines.records()[0]?.measures).toEqual({ debug_flags_refused: 1 });
    expect(lines.records()[1]?.measures).toBeUndefined();
  });

  test('has the trace that the client sent', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const client = await rig.client('2026-07-28');
    await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' }, _meta: { traceparent } });
    expect(lines.records()).toMatchObject([{ trace_id: '4bf92f3577b34da6a3ce929d0e0e4736' }]);
    await client.close();
  });
});
