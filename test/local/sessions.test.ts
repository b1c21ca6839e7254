import type { CallToolResult } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SESSION_HANDLE_KEY } from '../../lambdas/contract/client-context.ts';
import { tokenForScripts } from '../../local/sign-in.ts';
import { listen } from '../support/http-server.ts';
import { connect } from '../support/mcp-client.ts';
import { prepareTemplate } from '../support/prepared-template.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate({
    userHashKey: 'a key of thirty-two characters!!',
    requests: { sessionHandles: true, recordIp: false, unverifiedTokens: false },
  });
});
afterAll(async () => template?.clear());

/** It keeps its gateway's process busy until the platform ends the tool's. */
const ENDLESS = { name: 'regex_search', arguments: { pattern: '^(a+)+$', text: `${'a'.repeat(60)}b` } };

test('three calls of a client without sessions, through three processes of the gateway, are one journey in the store', async () => {
  await template.withEdit(
    () => {},
    async (cloud, events) => {
      const serve = cloud.serve(cloud.outputs.McpUrl ?? '');
      if (!serve) throw new Error('nothing answers at McpUrl');
      const server = await listen(serve);
      const headers = { authorization: `Bearer ${await tokenForScripts(cloud)}` };
      const client = await connect(`${server.url}/mcp`, '2026-07-28', headers);
      const busy: Promise<unknown>[] = [];
      let handle: unknown;
      const call = async (name: string, args: Record<string, unknown>) => {
        const _meta = handle === undefined ? {} : { [SESSION_HANDLE_KEY]: handle };
        const result = (await client.callTool({ name, arguments: args, _meta })) as CallToolResult;
        handle = result._meta?.[SESSION_HANDLE_KEY];
        busy.push(client.callTool(ENDLESS));
        return result.isError ?? false;
      };
      const failed = [
        await call('order_status', { order_id: 'A-1042' }),
        await call('order_status', { order_id: 'A-99999' }),
        await call('csv_profile', { csv: 'a,b\n1,2' }),
      ];
      expect(failed).toEqual([false, true, false]);
      await Promise.all(busy);
      await client.close();
      await server.close();
      const longest = `select calls::int, failures::int, journey from analytics.v_sessions order by calls desc limit 1`;
      await expect
        .poll(() => template.rows(longest))
        .toEqual([{ calls: 3, failures: 1, journey: ['order_status', 'order_status', 'csv_profile'] }]);
      const lines = cloud.logs.read('/toolwatch/calls').map(({ message }) => message);
      expect(lines.join()).not.toContain(String(handle));
      expect(events.refusals).toEqual([]);
    },
  );
});
