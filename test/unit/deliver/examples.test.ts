import { describe, expect, test } from 'vitest';
import type { Notice } from '../../../lambdas/contract/notice.ts';
import type { RequestOptions } from '../../../lambdas/deliver/channels/channel.ts';
import { aDeployment, aNotice, anEnd, aQuietEnd } from '../../support/a-notice.ts';
import { askReceiver, createChannelRig, kindNames } from '../../support/channel-rig.ts';

/** The time of an attempt; what is signed depends on it, and on nothing else that changes. */
const NOW = Date.UTC(2026, 10, 20, 10, 10, 30);

const EXAMPLES: Readonly<Record<string, Notice>> = {
  'a page': aNotice(),
  'its end': anEnd(),
  'a quiet end': aQuietEnd(),
  'a deployment': aDeployment(),
};

/** Each secret, replaced, so that a snapshot shows where one is. */
const withoutSecrets = (text: string, canaries: readonly string[]): string =>
  canaries.reduce((rest, canary) => rest.replaceAll(canary, 'SECRET'), text);

describe.each(kindNames)('a channel of kind %s', (name) => {
  test.each(Object.keys(EXAMPLES))('is sent %s', async (example) => {
    const { channel, canaries } = await createChannelRig(name);
    const request = channel.buildRequest(EXAMPLES[example] ?? aNotice(), { form: 'rich', now: NOW });
    const text = JSON.stringify(request && { ...request, body: JSON.parse(request.body) }, null, 2) ?? 'nothing';
    expect(withoutSecrets(text, canaries)).toMatchSnapshot();
  });

  test('is sent less in its other forms', async () => {
    const { channel } = await createChannelRig(name);
    const bodies = (['plain', 'line'] as const).map((form) =>
      JSON.parse(channel.buildRequest(aNotice(), { form, now: NOW })?.body ?? ''),
    );
    const shown = JSON.stringify(bodies, null, 2).replaceAll(/"routing_key": "\w+"/g, '"routing_key": "SECRET"');
    expect(shown).toMatchSnapshot();
  });

  test('shows a page, then how it ended', async () => {
    const { channel, receiver } = await createChannelRig(name);
    let reference: string | undefined;
    for (const notice of [aNotice(), anEnd()]) {
      const options: RequestOptions = { form: 'rich', now: Date.now(), ...(reference !== undefined && { reference }) };
      const request = channel.buildRequest(notice, options);
      const outcome = request && channel.readAnswer(await askReceiver(receiver, request), Date.now());
      if (outcome && 'reference' in outcome) reference = outcome.reference;
    }
    expect(receiver.board.all()).toMatchSnapshot();
  });
});
