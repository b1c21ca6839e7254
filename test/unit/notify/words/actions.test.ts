import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeActions, muteParametersOf } from '../../../../lambdas/notify/words/actions.ts';
import { buildNotice } from '../../../../lambdas/notify/words/build-notice.ts';
import { aLeading, aMessage, CONTEXT, SINCE } from './a-message.ts';

const actionsOf = (alarm: string, heading = '') => describeActions(aMessage(alarm).message, heading, CONTEXT.topology);

describe('what mutes an incident', () => {
  test.each([
    ['tool/place_order/failing', 'Mute: npx toolwatch mute tool place_order --for 1h --reason "…"'],
    ['provider/shop/down', 'Mute: npx toolwatch mute provider shop --for 1h --reason "…"'],
    ['queue/orders/filling', 'Mute: npx toolwatch mute alarm queue/orders/filling --for 1h --reason "…"'],
    ['pipeline/store-down', 'Mute: npx toolwatch mute alarm pipeline/store-down --for 1h --reason "…"'],
    ['webhook/orders/trickle', 'Mute (of all tools): npx toolwatch mute alarm tools/trickle --for 1h --reason "…"'],
    ['alert-rule/orders-fail/critical', 'Disable the rule: npx toolwatch rules disable orders-fail'],
  ])('of %s is: %s', (alarm, expected) => {
    expect(actionsOf(alarm)).toEqual([expected]);
  });

  test.each(['drill/critical', 'tool/never_declared/failing', 'monitoring/off/schedule/refresh', 'someone/elses'])(
    '%s: nothing, because a mute is no remedy, or somebody else wrote the name',
    (alarm) => {
      expect(actionsOf(alarm)).toEqual([]);
      expect(muteParametersOf(aMessage(alarm).message, CONTEXT.topology)).toBeUndefined();
    },
  );

  test('never has a word of a caller in a command', () => {
    const kinds = fc.constantFrom('failing', 'slow', 'trickle', 'new-errors', 'critical');
    const families = fc.constantFrom('tool', 'webhook', 'provider', 'alert-rule', 'queue', 'own');
    fc.assert(
      fc.property(families, fc.string({ unit: 'binary' }), kinds, (family, name, kind) => {
        for (const line of actionsOf(`${family}/${name}/${kind}`))
          expect(line).toMatch(/^(Mute( \(of all tools\))?|Disable the rule): npx toolwatch [\w./ -]+( "…")?$/);
      }),
      { numRuns: 100 },
    );
  });
});

test('what is missing in the store is replayed from before the incident, once it is mended', () => {
  const [replay] = actionsOf('pipeline/incomplete', 'pipeline/incomplete');
  expect(replay).toBe('Once that is mended, store what is missing: npm run replay -- --from 2026-11-20T09:37:03Z');
  expect(actionsOf('pipeline/payloads-kept', 'pipeline/payloads-kept')[0]).toMatch(/: npm run replay$/);
});

describe('the links of a message', () => {
  const PAGE = 'https://tools.example.com';
  const context = { ...CONTEXT, links: { ...CONTEXT.links, page: PAGE } };
  const alarm = 'tool/place_order/failing';
  const linksOf = (kind: 'opened' | 'over') => {
    const entry = aMessage(alarm, { kind });
    return buildNotice(entry, aLeading(alarm, 'It fails.'), context).links;
  };

  test('open the incident on the page, and there what mutes it; none of them changes anything', () => {
    const links = linksOf('opened');
    expect(links.map(({ title }) => title)).toEqual(['The calls', 'Runbook', 'Incident', 'Mute']);
    const [, , incident, mute] = links.map(({ url }) => new URL(url));
    expect(Object.fromEntries(incident?.searchParams ?? [])).toEqual({
      view: 'incident',
      id: `tool/place_order@${new Date(SINCE).toISOString()}`,
    });
    expect(Object.fromEntries(mute?.searchParams ?? [])).toEqual({ view: 'mutes', kind: 'tool', name: 'place_order' });
    expect(mute?.origin).toBe(PAGE);
  });

  test('of an end have no mute, and without a page there is the dashboard', () => {
    expect(linksOf('over').map(({ title }) => title)).toEqual(['The calls', 'Runbook', 'Incident', 'Dashboard']);
    const { links } = buildNotice(aMessage(alarm), aLeading(alarm, 'It fails.'), CONTEXT);
    expect(links.map(({ title }) => title)).toEqual(['The calls', 'Runbook', 'Dashboard']);
  });
});
