import { describe, expect, test } from 'vitest';
import { channelSettings } from '../../../lambdas/contract/channel-settings.ts';
import type { Notice } from '../../../lambdas/contract/notice.ts';
import type { Outcome, RequestOptions } from '../../../lambdas/deliver/channels/channel.ts';
import { channels } from '../../../lambdas/deliver/channels/channels.ts';
import { QUIET } from '../../../lambdas/deliver/channels/content.ts';
import { threadKeyOf } from '../../../lambdas/deliver/channels/thread-key.ts';
import { aDeployment, aNotice, anEnd, aQuietEnd } from '../../support/a-notice.ts';
import { askReceiver, type ChannelRig, createChannelRig, type KindName, kindNames } from '../../support/channel-rig.ts';

/** Sends notices one after the other, each with the reference of those before. Resolves to what each answer meant. */
const sendAll = async (
  { channel, receiver }: ChannelRig,
  notices: readonly Notice[],
): Promise<(Outcome | undefined)[]> => {
  const outcomes: (Outcome | undefined)[] = [];
  let reference: string | undefined;
  for (const notice of notices) {
    const options: RequestOptions = { form: 'rich', now: Date.now(), ...(reference !== undefined && { reference }) };
    const request = channel.buildRequest(notice, options);
    const outcome = request && channel.readAnswer(await askReceiver(receiver, request), Date.now());
    if (outcome && 'reference' in outcome) reference = outcome.reference;
    outcomes.push(outcome);
  }
  return outcomes;
};

const show = async (name: KindName, ...notices: readonly Notice[]) => {
  const rig = await createChannelRig(name);
  const outcomes = await sendAll(rig, notices);
  return { outcomes, shown: rig.receiver.board.all() };
};

const anEscalation = (): Notice =>
  aNotice({
    id: '0193487a-0f00-7000-8000-000000000005',
    type: 'incident.escalated',
    title: 'place_order fails: 90 of 120 calls',
  });
const aRepeat = (): Notice =>
  aNotice({ id: '0193487a-0f00-7000-8000-000000000006', type: 'incident.repeated', title: 'place_order still fails' });

describe('what an answer proves', () => {
  test.each([
    ['slack-webhook', 'posted'],
    ['slack-bot', 'posted'],
    ['pagerduty', 'accepted'],
    ['teams', 'accepted'],
    ['jsm', 'accepted'],
    ['discord', 'posted'],
    ['google-chat', 'posted'],
    ['webhook', 'accepted'],
  ] as const)('%s: %s', async (name, kind) => {
    const { outcomes } = await show(name, aNotice());
    expect(outcomes).toMatchObject([{ kind }]);
  });

  test('a receiver that takes everything and shows nothing is believed no more than that it took it', async () => {
    const rig = await createChannelRig('teams');
    rig.receiver.board.losesAll = true;
    expect(await sendAll(rig, [aNotice()])).toEqual([{ kind: 'accepted' }]);
    expect(rig.receiver.board.all()).toEqual([]);
  });
});

describe('a message that can be changed', () => {
  test.each(['slack-bot', 'discord'] as const)('%s: changes with its incident to its end', async (name) => {
    const { shown } = await show(name, aNotice(), aRepeat(), anEnd());
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ mark: 'edited' });
    expect(shown[0]?.title).toContain('was failing');
  });

  test('Slack notifies anew of what has become critical, below the message, which still changes', async () => {
    const { shown } = await show('slack-bot', aNotice({ severity: 'warning' }), anEscalation(), anEnd());
    expect(shown.map(({ title, mark }) => ({ title, mark }))).toEqual([
      { title: '🟢 place_order was failing 10:02–10:31 UTC (29 min)', mark: 'edited' },
      { title: '🔴 place_order fails: 90 of 120 calls', mark: 'also in the channel' },
    ]);
    expect(new Set(shown.map(({ thread }) => thread)).size).toBe(1);
  });

  test('Discord notifies anew of what has become critical, by a message that changes from then on', async () => {
    const { shown } = await show('discord', aNotice({ severity: 'warning' }), anEscalation(), anEnd());
    expect(shown.map(({ mark }) => mark)).toEqual([undefined, 'edited']);
  });

  test.each(['slack-bot', 'discord'] as const)('%s: one that somebody deleted is sent once more', async (name) => {
    const rig = await createChannelRig(name);
    const reference = name === 'discord' ? '300000000000000000' : 'C0123456789:1600000000.000001';
    const request = rig.channel.buildRequest(anEnd(), { form: 'rich', now: Date.now(), reference });
    if (!request) throw new Error('no request');
    expect(rig.channel.readAnswer(await askReceiver(rig.receiver, request), Date.now())).toMatchObject({
      kind: 'unknown-message',
    });
  });

  test.each(kindNames)(
    '%s: a reference that is none is left out, and nothing of it is in the address',
    async (name) => {
      const { channel } = await createChannelRig(name);
      for (const reference of ['', '../../evil', 'C1:2/../x', '1 OR 1']) {
        const options = { form: 'rich', now: 0 } as const;
        expect(channel.buildRequest(aNotice(), { ...options, reference })).toEqual(
          channel.buildRequest(aNotice(), options),
        );
      }
    },
  );
});

describe('a pager', () => {
  test.each([
    ['pagerduty', 'resolved'],
    ['jsm', 'closed'],
  ] as const)('%s: opens one alert, and ends it', async (name, mark) => {
    const { shown } = await show(name, aNotice(), aRepeat(), anEnd());
    expect(shown).toHaveLength(1);
    expect(shown[0]).toMatchObject({ mark });
  });

  test.each(['pagerduty', 'jsm'] as const)('%s: leaves an alert open that is quiet, and says so', async (name) => {
    const { shown } = await show(name, aNotice(), aQuietEnd());
    expect(shown).toHaveLength(1);
    expect(['triggered again', 'note added']).toContain(shown[0]?.mark);
    expect(shown[0]?.lines.join('\n')).toContain(QUIET);
  });

  test.each(['pagerduty', 'jsm'] as const)('%s: ends nothing that it does not know', async (name) => {
    const { shown, outcomes } = await show(name, anEnd());
    expect(outcomes).toEqual([{ kind: 'accepted' }]);
    expect(shown).toEqual([]);
  });

  test.each(['pagerduty', 'jsm'] as const)('%s: begins another alert after the end of one', async (name) => {
    expect((await show(name, aNotice(), anEnd(), aNotice())).shown).toHaveLength(2);
  });

  test.each(['pagerduty', 'jsm'] as const)('%s: gets nothing that nobody has to act on', async (name) => {
    const { shown } = await show(
      name,
      aNotice({ severity: 'info' }),
      aDeployment({ type: 'custom' }),
      anEnd({ severity: 'info' }),
    );
    expect(shown).toEqual([]);
  });

  test('PagerDuty gets a deployment as a change, which pages nobody, also one that failed', async () => {
    const { shown } = await show(
      'pagerduty',
      aDeployment(),
      aDeployment({ type: 'deployment.failed', severity: 'critical' }),
    );
    expect(shown.map(({ thread, colour }) => [thread, colour])).toEqual([
      ['changes', undefined],
      ['changes', undefined],
    ]);
  });

  test('PagerDuty gets no change by the key of a ruleset, which takes none', () => {
    const settings = channelSettings.pagerduty.parse({});
    const build = (secret: string) =>
      channels.pagerduty.buildRequest(aDeployment(), { settings, secret }, { form: 'rich', now: 0 });
    expect(build('a'.repeat(32))?.url).toBe('https://events.pagerduty.com/v2/change/enqueue');
    expect(build(`R${'a'.repeat(31)}`)).toBeUndefined();
  });

  test.each(kindNames)('%s: takes the longest thread there can be, at its beginning and at its end', async (name) => {
    const { outcomes } = await show(name, aNotice({ thread: 'x'.repeat(512) }), anEnd({ thread: 'x'.repeat(512) }));
    expect(outcomes.map((outcome) => outcome?.kind)).toSatisfy((kinds: string[]) =>
      kinds.every((kind) => kind === 'posted' || kind === 'accepted'),
    );
  });

  test('the key of a thread is the same for every notice of it, another for any other, and short enough', () => {
    const threads = ['a', 'b', 'a b', 'x'.repeat(512), `${'x'.repeat(511)}y`, 'ü', '\n', '\r', '../close'];
    const keys = threads.map((thread) => threadKeyOf(aNotice({ thread }), 255));
    expect(new Set(keys).size).toBe(threads.length);
    expect(keys.every((key) => key.length <= 255 && /^[\w.~:/-]+$/.test(key))).toBe(true);
    expect(threadKeyOf(anEnd({ thread: 'ü' }), 255)).toBe(threadKeyOf(aNotice({ thread: 'ü' }), 255));
    const elsewhere = aNotice({ place: { ...aNotice().place, region: 'us-east-1' } });
    expect(threadKeyOf(elsewhere, 255)).not.toBe(threadKeyOf(aNotice(), 255));
  });
});

describe('a channel that threads', () => {
  test('Google Chat shows the end below the page, and a notice that is sent twice once', async () => {
    const { shown } = await show('google-chat', aNotice(), aNotice(), anEnd());
    expect(shown).toHaveLength(2);
    expect(new Set(shown.map(({ thread }) => thread)).size).toBe(1);
  });
});

describe('a quiet end', () => {
  test.each(kindNames)('%s: is shown as such, not as an end', async (name) => {
    const { shown } = await show(name, aNotice(), aQuietEnd());
    const last = shown.at(-1);
    if (name === 'webhook') expect(last?.colour).toBe('quiet');
    else expect([last?.title, ...(last?.lines ?? [])].join('\n')).toContain(QUIET);
  });
});

describe('colours', () => {
  test.each(['slack-webhook', 'slack-bot', 'teams', 'discord', 'google-chat'] as const)(
    '%s: differ for what is critical, a warning, for information, over and quiet',
    async (name) => {
      const notices = [aNotice(), aNotice({ severity: 'warning' }), aDeployment(), anEnd(), aQuietEnd()].map(
        (notice, index) => ({ ...notice, id: notice.id.replace(/.$/, String(index)) }),
      );
      const rig = await createChannelRig(name);
      for (const notice of notices) await sendAll(rig, [notice]);
      expect(new Set(rig.receiver.board.all().map(({ colour }) => colour)).size).toBe(notices.length);
    },
  );
});

describe('forms', () => {
  test.each(kindNames)('%s: each is smaller than the one before, and all have the title', async (name) => {
    const { channel } = await createChannelRig(name);
    const bodies = (['rich', 'plain', 'line'] as const).map(
      (form) => channel.buildRequest(aNotice(), { form, now: 0 })?.body ?? '',
    );
    const sizes = bodies.map(({ length }) => length);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
    for (const body of bodies) expect(body).toContain('41 of 120 calls');
  });
});
