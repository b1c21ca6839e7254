import { describe, expect, test } from 'vitest';
import { DIRECT } from '../../../lambdas/contract/direct-request.ts';
import { observeHandler } from '../../../lambdas/observe/index.ts';
import { aRequest } from '../../support/a-request.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { EVENTS } from '../../support/events.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';

const rig = gatewayRig();
const lines = captureLines();

const REPLAYED = '01a1fa42-2000-7abc-8def-0123456789ab';
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const CONTEXT = { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 };
const TOKENS = {
  JWT_ISSUER: 'https://issuer.example.com',
  JWT_TENANT_CLAIM: 'tenant',
  JWT_OPERATOR_SCOPE: 'tools.operate',
  TOOLWATCH_TENANTS: 'on',
};

interface Sent {
  replayOf?: unknown;
  inHeader?: string;
  scopes?: string[];
  direct?: boolean;
  environment?: Record<string, string>;
}
const send = async ({ replayOf, inHeader, scopes, direct, environment = {} }: Sent) => {
  const claims = { sub: 'ann', tenant: 'acme' };
  const meta = replayOf === undefined ? {} : { _meta: { 'toolwatch/replay_of': replayOf } };
  const request = aRequest({
    method: 'POST',
    path: '/mcp',
    headers: { ...HEADERS, ...(inHeader && { 'x-toolwatch-replay-of': inHeader }) },
    body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'order_status', arguments: {}, ...meta } },
    ...(scopes && { claims, payload: claims, scopes }),
    ...(direct && { apiId: DIRECT }),
  });
  expect((await rig.create(environment)(request, CONTEXT)).statusCode).toBe(200);
  return lines.records().at(-1);
};

describe('which call a call repeats', () => {
  test('is recorded when the operator says it: with IAM, directly, or with the operator’s scope', async () => {
    for (const sent of [
      { replayOf: REPLAYED },
      { inHeader: REPLAYED },
      { replayOf: REPLAYED, direct: true, environment: TOKENS },
      { replayOf: REPLAYED, scopes: ['tools.operate'], environment: TOKENS },
    ]) {
      expect(await send(sent)).toMatchObject({ replay_of: REPLAYED });
    }
    expect(lines.records().every(({ measures }) => measures === undefined)).toBe(true);
  });

  test('is not what any other caller says: it is counted as refused, and the call is recorded as ever', async () => {
    for (const sent of [
      { replayOf: REPLAYED, scopes: ['tools.call'], environment: TOKENS },
      { inHeader: REPLAYED, scopes: ['tools.call'], environment: TOKENS },
      { replayOf: REPLAYED, scopes: [], environment: { ...TOKENS, TOOLWATCH_TENANTS: 'off' } },
    ]) {
      const record = await send(sent);
      expect(record).toMatchObject({ name: 'order_status', measures: { replays_refused: 1 } });
      expect(record).not.toHaveProperty('replay_of');
    }
  });

  test.each(['no id', `${REPLAYED}0`, 42, { id: REPLAYED }, '', 'x'.repeat(5_000)])(
    'is an event id, and %j is refused',
    async (replayOf) => {
      const record = await send({ replayOf });
      expect(record).toMatchObject({ measures: { replays_refused: 1 } });
      expect(record).not.toHaveProperty('replay_of');
    },
  );

  test('is not read from the headers of a request to an observed handler, which anyone may send', async () => {
    const headers = { 'x-toolwatch-replay-of': REPLAYED, replay_of: REPLAYED };
    await observeHandler(async () => ({ statusCode: 200 }))({ ...EVENTS.httpApi, headers } as never, {});
    expect(lines.records().at(-1)).not.toHaveProperty('replay_of');
  });
});
