import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../lambdas/contract/notice.ts';
import { FORMS, type Form } from '../../../lambdas/deliver/channels/channel.ts';
import { linksOf, readContent } from '../../../lambdas/deliver/channels/content.ts';
import type { ShownMessage } from '../../../local/receivers/receiver.ts';
import { anyNotice, theLargestNotice } from '../../support/a-notice.ts';
import { askReceiver, createChannelRig, type KindName, kindNames } from '../../support/channel-rig.ts';

/** What people read among other messages; the others show facts by their names. */
const isChat = (name: KindName): boolean => /slack|teams|discord|chat/.test(name);

/** As people see it: what breaks an address has no width. */
const visible = (text: string): string => text.replaceAll('\u200b', '');

/** Whether a text shows another from its beginning, up to where it may have been cut. */
const showsBeginningOf = (shown: string, whole: string): boolean =>
  shown === whole || (shown.endsWith('…') && whole.startsWith(shown.slice(0, -1)));

interface Sent {
  readonly notice: Notice;
  readonly form: Form;
  readonly messages: readonly ShownMessage[];
}

/** Checks what a receiver that has seen nothing shows of any notice in any form. */
const forAnyNotice = (name: KindName, check: (sent: Sent) => void): Promise<void> =>
  fc.assert(
    fc.asyncProperty(anyNotice, fc.constantFrom(...FORMS), async (notice, form) => {
      const { channel, receiver, losses } = await createChannelRig(name);
      const request = channel.buildRequest(notice, { form, now: Date.now() });
      if (!request) return;
      const outcome = channel.readAnswer(await askReceiver(receiver, request), Date.now());
      expect(['posted', 'accepted'], JSON.stringify(outcome)).toContain(outcome.kind);
      expect(losses()).toEqual([]);
      check({ notice, form, messages: receiver.board.all() });
    }),
  );

/** What moves or hides other characters, or begins a line where none is. */
const UNSEEN = /[\p{Bidi_Control}\p{Noncharacter_Code_Point}\p{Cc}\u{e0000}-\u{e007f}\u2028\u2029]/u;

const checkWords = (name: KindName, { notice, form, messages }: Sent): void => {
  const { title, headline, lines, links, context } = readContent(notice, form);
  const written = links.map((link) => `${link.title}: ${link.url}`);
  for (const shown of messages) {
    const shownTitle = visible(shown.title).replace(/ \(quiet: [^()]*\)$/, '');
    expect([shownTitle, isChat(name) ? headline : title]).toSatisfy(([some = '', whole = '']) =>
      showsBeginningOf(some, whole),
    );
    if (!isChat(name)) continue;
    const isForged = (line: string) => ![...lines, context, ...written].some((whole) => showsBeginningOf(line, whole));
    expect(shown.lines.map(visible).filter(isForged)).toEqual([]);
  }
};

describe.each(kindNames)('whatever callers have written, a channel of kind %s', { timeout: 120_000 }, (name) => {
  test('takes it in every form, and shows the words as they are, mentions nobody and has no link but those of the notice', async () => {
    await forAnyNotice(name, (sent) => {
      const allowed = linksOf(sent.notice).flatMap(({ url }) => [url, url.replaceAll('|', '%7C')]);
      for (const { links, mentions } of sent.messages) {
        expect(mentions).toEqual([]);
        expect(links.filter((url) => !allowed.includes(url))).toEqual([]);
      }
      const texts = sent.messages.flatMap(({ title, lines }) => [title, ...lines]);
      expect(texts.filter((text) => UNSEEN.test(text))).toEqual([]);
      checkWords(name, sent);
    });
  });
});

describe.each(kindNames)('the largest notice there can be, to a channel of kind %s', (name) => {
  test.each(FORMS)(
    'is taken in the form %s, with its title and as much of the rest as there is room for',
    async (form) => {
      const { channel, receiver, losses } = await createChannelRig(name);
      const request = channel.buildRequest(theLargestNotice(), { form, now: Date.now() });
      if (!request) throw new Error('nothing to send');
      const outcome = channel.readAnswer(await askReceiver(receiver, request), Date.now());
      expect(['posted', 'accepted'], JSON.stringify(outcome)).toContain(outcome.kind);
      expect(losses()).toEqual([]);
      const [shown] = receiver.board.all();
      expect(shown?.title).toContain('漢"漢"');
      if (form !== 'line') expect(shown?.lines.join('\n')).toContain('1 漢');
    },
  );

  test.each(['over', 'quiet'] as const)('is taken when it says that its incident is %s', async (state) => {
    const { channel, receiver } = await createChannelRig(name);
    for (const notice of [theLargestNotice(), { ...theLargestNotice(), state }]) {
      const request = channel.buildRequest(notice, { form: 'rich', now: Date.now() });
      if (!request) throw new Error('nothing to send');
      const outcome = channel.readAnswer(await askReceiver(receiver, request), Date.now());
      expect(['posted', 'accepted'], JSON.stringify(outcome)).toContain(outcome.kind);
    }
  });
});

describe.each(kindNames)('the secret of a channel of kind %s', (name) => {
  test('is in no body, but for the key of PagerDuty, which its contract puts there', async () => {
    const { channel, canaries } = await createChannelRig(name);
    fc.assert(
      fc.property(anyNotice, fc.constantFrom(...FORMS), (notice, form) => {
        const { body = '' } = channel.buildRequest(notice, { form, now: Date.now() }) ?? {};
        const rest = name === 'pagerduty' ? body.replace(/"routing_key":"\w+"/, '') : body;
        expect(canaries.filter((secret) => rest.includes(secret))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('is in no reason, whatever the receiver answers', async () => {
    const { channel, canaries } = await createChannelRig(name);
    const secret = canaries.at(-1);
    const bodies = [
      `${secret}`,
      `invalid_${secret}`,
      JSON.stringify({ ok: false, error: secret, message: `The key ${secret} is unknown`, code: secret }),
      `<html>https://hooks.example.com/${secret}?sig=${secret}</html>`,
    ];
    for (const status of [0, 200, 204, 302, 400, 401, 403, 404, 410, 413, 429, 500, 503]) {
      for (const body of bodies) {
        const headers = { location: `https://evil.example/${secret}`, 'retry-after': `${secret}` };
        const outcome = channel.readAnswer({ status, headers, body }, Date.now());
        expect(canaries.filter((some) => JSON.stringify(outcome).includes(some))).toEqual([]);
      }
    }
  });
});
