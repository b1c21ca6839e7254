import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChannelType } from '../../../lambdas/contract/channel-settings.ts';
import { quoteAnswer, readRetryAfter } from '../../../lambdas/deliver/channels/answers.ts';
import type { ChannelAnswer, Outcome } from '../../../lambdas/deliver/channels/channel.ts';
import { channels } from '../../../lambdas/deliver/channels/channels.ts';

const NOW = Date.UTC(2026, 10, 20, 10, 10);
const DAY_MS = 86_400_000;
const types = Object.keys(channels) as ChannelType[];

const read = (type: ChannelType, answer: Partial<ChannelAnswer>): Outcome =>
  channels[type].readAnswer({ status: 200, headers: {}, body: '', ...answer }, NOW);

describe('what a status means, everywhere', () => {
  test.each(types)('%s', (type) => {
    const kinds = (statuses: number[]) => new Set(statuses.map((status) => read(type, { status }).kind));
    expect(kinds([408, 425, 429, 500, 502, 503, 504, 599, 0])).toEqual(new Set(['later']));
    expect(kinds([401, 403, 404, 405, 410])).toEqual(new Set(['dead']));
    expect(kinds([400, 413, 422])).toEqual(new Set(['unacceptable']));
    expect(kinds([301, 302, 307, 308])).toEqual(new Set(['dead']));
  });

  test.each(types)('%s: no status and no body throws, and success never asks for another attempt', (type) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 999 }),
        fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })),
        fc.option(fc.string(), { nil: undefined }),
        (status, body, retryAfter) => {
          const outcome = read(type, {
            status,
            body,
            headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
          });
          if (outcome.kind === 'later' && outcome.afterMs !== undefined) {
            expect(outcome.afterMs).toSatisfy((ms: number) => Number.isInteger(ms) && ms >= 0 && ms <= DAY_MS);
          }
          if (status >= 200 && status < 300 && type !== 'slack-bot') {
            expect(['posted', 'accepted']).toContain(outcome.kind);
          }
        },
      ),
    );
  });
});

describe('how long to wait', () => {
  test.each([
    ['30', 30_000],
    ['0', 0],
    ['1.5', 1_500],
    [' 7 ', 7_000],
    ['Fri, 20 Nov 2026 10:11:00 GMT', 60_000],
    ['Fri, 20 Nov 2026 10:00:00 GMT', 0],
    ['999999999999', DAY_MS],
    ['Fri, 20 Nov 2099 10:00:00 GMT', DAY_MS],
    ['', undefined],
    ['-5', undefined],
    ['soon', undefined],
    ['1e3', undefined],
    [undefined, undefined],
  ])('Retry-After %j', (header, expected) => {
    expect(readRetryAfter(header, NOW)).toBe(expected);
  });

  test('each kind honours it', () => {
    for (const type of types) {
      expect(read(type, { status: 429, headers: { 'retry-after': '12' } })).toMatchObject({
        kind: 'later',
        afterMs: 12_000,
      });
      expect(read(type, { status: 503, headers: { 'retry-after': '12' } })).toMatchObject({
        kind: 'later',
        afterMs: 12_000,
      });
    }
  });

  test('Discord says it finer in its body', () => {
    const body = JSON.stringify({ message: 'You are being rate limited.', retry_after: 64.57, global: false });
    expect(read('discord', { status: 429, headers: { 'retry-after': '65' }, body })).toMatchObject({ afterMs: 64_570 });
    for (const wrong of [-1, 1e300, '64']) {
      const outcome = read('discord', { status: 429, body: JSON.stringify({ retry_after: wrong }) });
      expect(outcome.kind).toBe('later');
    }
  });
});

describe('what Slack says in a word', () => {
  test.each([
    ['invalid_blocks', 400, 'unacceptable'],
    ['invalid_payload', 400, 'unacceptable'],
    ['no_text', 400, 'unacceptable'],
    ['channel_is_archived', 410, 'dead'],
    ['no_service', 404, 'dead'],
    ['invalid_token', 403, 'dead'],
    ['action_prohibited', 403, 'dead'],
    ['user_not_found', 400, 'dead'],
    ['rollup_error', 500, 'later'],
    ['rate_limited', 429, 'later'],
    ['a_new_word', 400, 'unacceptable'],
    ['a_new_word', 500, 'later'],
  ] as const)('an incoming webhook: %s with status %i', (body, status, kind) => {
    expect(read('slack-webhook', { status, body }).kind).toBe(kind);
  });

  test.each([
    ['invalid_blocks', 'unacceptable'],
    ['msg_blocks_too_long', 'unacceptable'],
    ['account_inactive', 'dead'],
    ['channel_not_found', 'dead'],
    ['not_in_channel', 'dead'],
    ['token_revoked', 'dead'],
    ['ratelimited', 'later'],
    ['fatal_error', 'later'],
    ['message_not_found', 'unknown-message'],
    ['cant_update_message', 'unknown-message'],
    ['a_new_word', 'later'],
  ] as const)('its API, with status 200: %s', (error, kind) => {
    expect(read('slack-bot', { body: JSON.stringify({ ok: false, error }) }).kind).toBe(kind);
  });

  test('is posted only with its ok, and is referred to by channel and time', () => {
    expect(read('slack-webhook', { body: 'ok' })).toEqual({ kind: 'posted' });
    expect(read('slack-webhook', { body: '<html>' })).toEqual({ kind: 'accepted' });
    expect(read('slack-bot', { body: '{"ok":true,"channel":"C1","ts":"1.2"}' })).toEqual({
      kind: 'posted',
      reference: 'C1:1.2',
    });
    const answer = { ok: true, channel: 'C1', ts: '3.4', message: { thread_ts: '1.2' } };
    expect(read('slack-bot', { body: JSON.stringify(answer) })).toEqual({ kind: 'posted', reference: 'C1:1.2' });
    expect(read('slack-bot', { body: '<html>' }).kind).toBe('later');
  });
});

describe('what others say in a body', () => {
  test.each([
    ['discord', 404, { code: 10_008 }, 'unknown-message'],
    ['discord', 429, { code: 30_046 }, 'unknown-message'],
    ['discord', 404, { code: 10_015 }, 'dead'],
    ['discord', 401, { code: 50_027 }, 'dead'],
    ['discord', 400, { code: 50_083 }, 'dead'],
    ['discord', 400, { code: 50_035 }, 'unacceptable'],
    ['pagerduty', 400, { status: 'invalid event', errors: ['Invalid routing key'] }, 'dead'],
    ['pagerduty', 400, { status: 'invalid event', errors: ["'payload.summary' is missing"] }, 'unacceptable'],
    ['google-chat', 400, { error: { details: [{ reason: 'API_KEY_INVALID' }] } }, 'dead'],
    ['google-chat', 400, { error: { status: 'INVALID_ARGUMENT' } }, 'unacceptable'],
    ['google-chat', 429, { error: { status: 'RESOURCE_EXHAUSTED' } }, 'later'],
  ] as const)('%s: status %i with %j is %s', (type, status, body, kind) => {
    expect(read(type, { status, body: JSON.stringify(body) }).kind).toBe(kind);
  });

  test('Discord and Google Chat are posted only when their answer has the message', () => {
    expect(read('discord', { body: '{"id":"123456789012345678"}' })).toEqual({
      kind: 'posted',
      reference: '123456789012345678',
    });
    expect(read('discord', { status: 204 })).toEqual({ kind: 'accepted' });
    expect(read('google-chat', { body: '{"name":"spaces/a/messages/b"}' })).toEqual({ kind: 'posted' });
    expect(read('google-chat', { body: '{}' })).toEqual({ kind: 'accepted' });
  });

  test('is quoted as a line without what may be a secret', () => {
    expect(quoteAnswer("errors:\n['payload.summary' is missing]")).toBe(": errors: ['payload.summary' is missing]");
    expect(quoteAnswer('invalid_blocks_format')).toBe(': invalid_blocks_format');
    for (const secret of [
      '0123456789abcdef0123456789abcdef',
      'AbCdEfGhIjKlMnOpQrStUvWx',
      '/services/T00/B00/abcDEF123',
    ]) {
      expect(quoteAnswer(`key ${secret}!`)).not.toContain(secret);
    }
  });
});
