import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALL_CONTEXT_KEY, CLIENT_CONTEXT_LIMIT, callContext } from '../../../lambdas/contract/call-context.ts';
import { SESSION_HEADER, sessionsOfOlderClients } from '../../../lambdas/gateway/session.ts';
import { encodeClientContext } from '../../../lambdas/invoke/client-context.ts';
import { aCall } from '../../support/lambda-context.ts';

const encodeFor = (call: ReturnType<typeof aCall>) =>
  encodeClientContext({ tool: 'order_status', call, messageId: 'm'.repeat(5_000), awsRequestId: 'r' });

const decode = (encoded: string) => Buffer.from(encoded, 'base64').toString();
const callIn = (encoded: string) => callContext.parse(JSON.parse(JSON.parse(decode(encoded)).custom[CALL_CONTEXT_KEY]));

test('a context never exceeds Lambda’s limit, and drops the least useful keys first', () => {
  const call = aCall({
    tracestate: 't'.repeat(512),
    user_agent: '🛒'.repeat(128),
    client_name: '顾'.repeat(256),
    client_version: '9'.repeat(256),
    tenant_id: 'acme',
  });
  const encoded = encodeFor(call);
  expect(encoded.length).toBeLessThanOrEqual(CLIENT_CONTEXT_LIMIT);
  const { event_id, correlation_id, tenant_id } = call;
  expect(callIn(encoded)).toMatchObject({ event_id, correlation_id, tenant_id });
  expect(callIn(encoded)).not.toHaveProperty('tracestate');
});

test('a context never exceeds Lambda’s limit, whatever the caller says of itself, and always has the tenant', () => {
  const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 256 });
  const caller = fc.record({ user_id: text, session_id: text, client_name: text, user_agent: text, tracestate: text });
  fc.assert(
    fc.property(caller, text, fc.stringMatching(/^[\w.:@+/|=~-]{1,128}$/), (labels, messageId, tenant_id) => {
      const call = aCall({ ...labels, tenant_id, correlation_id: 'c'.repeat(128) });
      const encoded = encodeClientContext({ tool: 'order_status', call, messageId, awsRequestId: 'r' });
      expect(encoded.length).toBeLessThanOrEqual(CLIENT_CONTEXT_LIMIT);
      expect(callIn(encoded).tenant_id).toBe(tenant_id);
    }),
  );
});

test('a context is ASCII, because Lambda passes it on in an HTTP header', () => {
  const encoded = encodeFor(aCall({ client_name: 'Übersicht 概要 🛒' }));
  expect(decode(encoded)).toMatch(/^[\x20-\x7e]+$/);
  expect(callIn(encoded).client_name).toBe('Übersicht 概要 🛒');
});

test('a session contains who opened it, and is ignored when we did not issue it', () => {
  const find = (sent: string) =>
    sessionsOfOlderClients.find(new Headers({ [SESSION_HEADER]: sent }), undefined, {}, true);
  const { sessionId } = sessionsOfOlderClients.name(find(''), { name: 'a client', version: '1.0' }, {});
  expect(find(sessionId).session).toMatchObject({ client_name: 'a client', client_version: '1.0' });
  for (const foreign of ['', 'x', 'e30', 'A'.repeat(5_000)]) expect(find(foreign).session).toBeUndefined();
});
