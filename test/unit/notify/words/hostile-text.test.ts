import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CallFacts } from '../../../../lambdas/contract/incident-facts.ts';
import { incidentLine, MESSAGE_KINDS } from '../../../../lambdas/contract/incident-line.ts';
import { noticeSchema } from '../../../../lambdas/contract/notice.ts';
import { ERROR_CODES } from '../../../../lambdas/contract/vocabulary.ts';
import { formatEmail } from '../../../../lambdas/notify/publish/email.ts';
import { buildNotice } from '../../../../lambdas/notify/words/build-notice.ts';
import { toForeign } from '../../../../lambdas/notify/words/clean-text.ts';
import { incidentLineOf } from '../../../../lambdas/notify/words/incident-record.ts';
import { aLeading, aMessage, CALLS, CONTEXT, HISTORY, SINCE } from './a-message.ts';

const PAYLOADS = [
  '\0',
  '\r\nRunbook: https://evil.example/x',
  '\u2028Do: delete everything',
  '\u0085Do: x',
  '\u202egnp.exe',
  '\u{e0041}\u200bhidden',
  'https://evil.example/a?b=c',
  'HTTPS://EVIL.EXAMPLE',
  'http:\\\\evil.example',
  'www.evil.example',
  'evil.example.com/path',
  'a@evil.example',
  'mailto:a@evil.example',
  'javascript:alert(1)',
  '<https://evil.example|Runbook>',
  '[Runbook](https://evil.example)',
  '<!channel> @everyone',
  '"; Do: "x',
  '🔴🔴',
  '\ud800',
  `Z${'\u0301'.repeat(200)}`,
  'x'.repeat(200_000),
  'ü'.repeat(700),
];
const nasty = fc.oneof(
  fc.constantFrom(...PAYLOADS),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(fc.constantFrom(...PAYLOADS), { maxLength: 4 }).map((parts) => parts.join(' ')),
);
const count = fc.oneof(fc.constantFrom(0, 1, 2, Number.MAX_SAFE_INTEGER), fc.nat());
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });
const time = fc
  .oneof(
    fc.constantFrom(SINCE, 0),
    fc.integer({ min: SINCE - 9e9, max: SINCE + 9e9 }),
    fc.integer({ min: 0, max: Date.UTC(9_999, 0) }),
  )
  .map((at) => new Date(at).toISOString());

const someCalls: fc.Arbitrary<CallFacts> = fc.record({
  began_at: time,
  calls: count,
  bad_calls: count,
  peak_pct: optional(fc.double({ min: 0, max: 100, noNaN: true })),
  last_bad_at: optional(time),
  as_of: optional(time),
  users: count,
  tenants: count,
  tenant: optional(nasty),
  is_sample: fc.boolean(),
  faults: fc.constantFrom(CALLS.faults, [], [{ fault: 'caller' as const, calls: 1 }]),
  codes: fc.constantFrom(CALLS.codes, []),
  provider: optional(fc.record({ provider: nasty, calls: count })),
  version: optional(fc.record({ version: nasty, calls: count })),
  example: optional(
    fc.record({
      name: nasty,
      calls: count,
      error_code: optional(fc.constantFrom(...ERROR_CODES)),
      error_type: optional(nasty),
      error_message: optional(nasty),
      correlation_id: nasty,
      trace_id: optional(nasty),
      duration_ms: fc.double({ min: 0, max: 1e9, noNaN: true }),
    }),
  ),
  p95_ms: optional(fc.double({ min: 0, max: 1e9, noNaN: true })),
  last_call_at: optional(time),
  calls_week_before: optional(count),
});
const someHistory = fc.record({
  seen_before: count,
  last_began_at: optional(time),
  last_state: fc.constantFrom('over' as const, 'quiet' as const, null),
  last_duration_seconds: optional(fc.double({ min: 0, max: 1e9, noNaN: true })),
  last_version_at_end: optional(nasty),
  deployed_version: optional(nasty),
  deployed_at: optional(time),
});
const someNewErrors = fc.array(
  fc.record({
    group_id: fc.constant('3f9ac01b27d4e856'),
    name: nasty,
    error_code: fc.constantFrom(...ERROR_CODES),
    fault: fc.constantFrom('ours' as const, 'dependency' as const),
    error_type: optional(nasty),
    error_message: optional(nasty),
    state: fc.constantFrom('new' as const, 'regressed' as const, 'ongoing' as const),
    calls: count,
    users: count,
    since: time,
    correlation_id: optional(nasty),
    trace_id: optional(nasty),
    deployed_version: nasty,
    deployed_at: time,
    groups: count,
  }),
  { maxLength: 3 },
);
const someAcknowledgement = fc.record({ by: nasty, at: time, note: optional(nasty) });
const known = fc.oneof(
  fc.record({
    calls: optional(someCalls),
    history: someHistory,
    new_errors: someNewErrors,
    acknowledged: optional(someAcknowledgement),
  }),
  fc.constant({ missing: 'the store was not asked' }),
);
const alarms = fc.oneof(
  fc.constantFrom(
    'tool/place_order/failing',
    'provider/shop/down',
    'tool/place_order/slow',
    'tool/place_order/new-errors',
    'alert-rule/orders-fail/warning',
  ),
  fc.constantFrom('tool/place_order/silent', 'drill/critical', 'pipeline/store-down', 'queue/q/waiting'),
  nasty.map((name) => `webhook/${name.slice(0, 400)}/trickle`),
  nasty.map((name) => `tool/${name.slice(0, 400)}/failing`),
  nasty.map((name) => name.slice(0, 400)),
  fc.constantFrom('valueOf', 'constructor', '__proto__', 'tool/constructor/toString', '__proto__/valueOf/__proto__'),
);
const entries = fc
  .record({
    alarm: alarms,
    kind: fc.constantFrom(...MESSAGE_KINDS),
    members: fc.array(
      nasty.map((member) => member.slice(0, 300)),
      { maxLength: 60 },
    ),
    lasts: fc.integer({ min: 0, max: 9e9 }),
  })
  .map(({ alarm, lasts, ...more }) => aMessage(alarm, { ...more, at: SINCE + lasts }));

/** What a mail program or a chat would make a link of. */
const LINK = /[a-z][a-z0-9+.-]*:\/\/|\bwww\.|\bmailto:|\bjavascript:|[\p{L}\p{N}_-]+\.(?:example|com)\b/iu;

describe('whatever callers and errors say', () => {
  test('a notice is valid, and no text in it is a line, a link or a direction mark of theirs', () => {
    fc.assert(
      fc.property(entries, known, (entry, facts) => {
        const leading = aLeading(entry.message.alarm, 'A tool fails more often than it may.');
        const notice = noticeSchema.parse(buildNotice(entry, leading, CONTEXT, facts));
        for (const text of [notice.title, ...notice.lines]) {
          expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]|\ud800(?![\udc00-\udfff])/u);
          expect(text).not.toMatch(LINK);
          expect(text).not.toMatch(/undefined|NaN|\bnull\b/);
        }
        const hosts = notice.links.map(({ url }) => new URL(url).hostname);
        for (const host of hosts) expect(['wiki.example.com', 'eu-central-1.console.aws.amazon.com']).toContain(host);
        incidentLine.parse(JSON.parse(JSON.stringify(incidentLineOf(entry, notice))));
        const { subject, text } = formatEmail(notice);
        expect(subject).toMatch(/^(ALARM|OK): [ -~]{0,95}$/);
        const own = ['', ...notice.lines, notice.title, ...notice.links.map(({ title, url }) => `${title}: ${url}`)];
        const others = text.split('\n').filter((line) => !own.includes(line));
        expect(others).toEqual([
          expect.stringMatching(/^critical · toolwatch · account 123456789012 · eu-central-1 · /),
        ]);
        expect(others[0]).not.toMatch(LINK);
      }),
      { numRuns: 400 },
    );
  });

  test('what is most important survives a text of any length', () => {
    const entry = aMessage('tool/place_order/failing');
    const long = 'x'.repeat(200_000);
    const example = {
      ...CALLS.example,
      error_message: long,
      correlation_id: long,
      error_type: long,
    } as CallFacts['example'];
    const { title, lines } = buildNotice(entry, aLeading(entry.message.alarm, long), CONTEXT, {
      calls: { ...CALLS, example },
      history: HISTORY,
    });
    expect(title).toBe('place_order fails: 41 of 120 calls (34 %) since 10:02 UTC');
    expect(lines.map((line) => line.slice(0, 8))).toEqual([
      'Fault: s',
      'Most oft',
      'Changed:',
      'Do: Chec',
      'Seen bef',
      'Owner: s',
      'Mute: np',
    ]);
    expect(lines.every((line) => line.length < 1_000)).toBe(true);
  });

  test('people still can read what an address or a path was', () => {
    expect(toForeign('GET https://shop.example.com/orders failed in index.ts', 300)).toBe(
      'GET https[:]//shop[.]example[.]com/orders failed in index.ts',
    );
  });
});
