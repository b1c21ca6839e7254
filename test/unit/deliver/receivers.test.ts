import { request as sendRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../../emulator/certificate.ts';
import type { ChannelAnswer, ChannelRequest, Outcome } from '../../../lambdas/deliver/channels/channel.ts';
import { createDiscord } from '../../../local/receivers/discord.ts';
import { createPagerduty } from '../../../local/receivers/pagerduty.ts';
import type { Receiver } from '../../../local/receivers/receiver.ts';
import { serveReceiver } from '../../../local/receivers/serve-receiver.ts';
import { createSlackWebhook } from '../../../local/receivers/slack.ts';
import { createTeams, readTeamsCard } from '../../../local/receivers/teams.ts';
import { createWebhook } from '../../../local/receivers/webhook.ts';
import { aNotice } from '../../support/a-notice.ts';
import { askReceiver, createChannelRig, type KindName, kindNames } from '../../support/channel-rig.ts';

let certificate: Certificate;
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  certificate = await makeCertificate();
});
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** Sends a request as the channel made it. Rejects when there is no answer. */
const send = ({ method, url, headers, body }: ChannelRequest, signal?: AbortSignal): Promise<ChannelAnswer> =>
  new Promise((resolve, reject) => {
    const options = { method, headers, ca: certificate.cert, ...(signal && { signal }) };
    const sent = sendRequest(url, options, async (response) => {
      const answered = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      resolve({
        status: response.statusCode ?? 0,
        headers: Object.fromEntries(answered),
        body: await text(response),
      });
    });
    sent.on('error', reject).end(body);
  });

/** A kind of channel, and its receiver over HTTPS. */
const serveRig = async (name: KindName) => {
  let served: Awaited<ReturnType<typeof serveReceiver>> | undefined;
  const rig = await createChannelRig(name, async (receiver) => {
    served = await serveReceiver(receiver, certificate);
    stops.push(served.stop);
    return served.host;
  });
  if (!served) throw new Error('nothing was served');
  const deliver = async (notice = aNotice(), signal?: AbortSignal): Promise<Outcome> => {
    const request = rig.channel.buildRequest(notice, { form: 'rich', now: Date.now() });
    if (!request) throw new Error('nothing to send');
    return rig.channel.readAnswer(await send(request, signal), Date.now());
  };
  return { ...rig, served, deliver };
};

describe.each(kindNames)('a receiver over HTTPS for %s', (name) => {
  test('shows what it is sent, and remembers the attempt', async () => {
    const { deliver, receiver, served } = await serveRig(name);
    expect(['posted', 'accepted']).toContain((await deliver()).kind);
    expect(receiver.board.all()).toHaveLength(1);
    expect(served.attempts()).toMatchObject([{ method: 'POST' }]);
  });

  test('asks to wait as its vendor does', async () => {
    const { deliver, receiver, served } = await serveRig(name);
    await served.setFault({ kind: 'too-many', retryAfterSeconds: 7 });
    expect(await deliver()).toMatchObject({ kind: 'later', afterMs: 7_000 });
    await served.setFault(undefined);
    expect(['posted', 'accepted']).toContain((await deliver()).kind);
    expect(receiver.board.all()).toHaveLength(1);
  });

  test('is down, and is found at the same address when it is back', async () => {
    const { deliver, served } = await serveRig(name);
    await served.setFault({ kind: 'down' });
    await expect(deliver()).rejects.toThrow('ECONNREFUSED');
    await served.setFault(undefined);
    expect(['posted', 'accepted']).toContain((await deliver()).kind);
  });
});

describe('what can be wrong with a receiver', () => {
  test('its connections end, or nothing is answered', async () => {
    const { deliver, served } = await serveRig('slack-webhook');
    await served.setFault({ kind: 'reset' });
    await expect(deliver()).rejects.toThrow(/socket hang up|ECONNRESET/);
    await served.setFault({ kind: 'hang' });
    const given = new AbortController();
    const pending = deliver(aNotice(), given.signal);
    await expect.poll(() => served.attempts().length).toBe(2);
    given.abort();
    await expect(pending).rejects.toThrow('abort');
    expect(served.attempts().map(({ status }) => status)).toEqual([undefined, undefined]);
  });

  test('it survives a sender that leaves in the middle of a request', async () => {
    const { deliver, served } = await serveRig('slack-webhook');
    const sent = sendRequest(served.url, {
      method: 'POST',
      ca: certificate.cert,
      headers: { 'content-length': 1_000 },
    });
    const gone = new Promise((resolve) => sent.on('error', resolve));
    sent.write('{', () => sent.destroy(new Error('left')));
    await gone;
    expect(await deliver()).toEqual({ kind: 'posted' });
  });

  test('it is gone, or it redirects', async () => {
    const { deliver, served } = await serveRig('webhook');
    await served.setFault({ kind: 'status', status: 410 });
    expect((await deliver()).kind).toBe('dead');
    await served.setFault({ kind: 'status', status: 307 });
    expect((await deliver()).kind).toBe('dead');
  });

  test.each(kindNames)('%s: it takes everything and shows nothing', async (name) => {
    const { deliver, receiver, served } = await serveRig(name);
    await served.setFault({ kind: 'lose' });
    expect(['posted', 'accepted']).toContain((await deliver()).kind);
    expect(receiver.board.all()).toEqual([]);
    await served.setFault(undefined);
    await deliver({ ...aNotice(), id: '0193487a-0f00-7000-8000-00000000000f' });
    expect(receiver.board.all()).toHaveLength(1);
  });
});

describe('what receivers refuse, as their vendors do', () => {
  const post = async (receiver: Receiver, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const request: ChannelRequest = {
      method: 'POST',
      url: `https://localhost${path}`,
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    };
    const { status, body: answered } = await askReceiver(receiver, request);
    return [status, answered];
  };

  test('Slack: what is beyond its limits, unknown blocks, and nothing to say', async () => {
    const slack = createSlackWebhook('/services/T/B/x');
    const say = (body: unknown) => post(slack, slack.path, body);
    const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
    expect(await say({ text: 'hello' })).toEqual([200, 'ok']);
    expect(await say({})).toEqual([400, 'no_text']);
    expect(await say('{')).toEqual([400, 'invalid_payload']);
    expect(await say({ text: 'a\0b' })).toEqual([400, 'invalid_payload']);
    expect(await say('{"text":"\\ud800"}')).toEqual([400, 'invalid_payload']);
    expect(await say({ text: 'a', blocks: [{ type: 'gallery' }] })).toEqual([400, 'invalid_blocks']);
    expect(await say({ text: 'a', blocks: [section('')] })).toEqual([400, 'invalid_blocks']);
    expect(await say({ text: 'a', blocks: [section('🔴'.repeat(3_000))] })).toEqual([200, 'ok']);
    expect(await say({ text: 'a', blocks: [section('a'.repeat(3_001))] })).toEqual([400, 'invalid_blocks']);
    expect(await say({ text: 'a', blocks: Array.from({ length: 51 }, () => section('a')) })).toEqual([
      400,
      'invalid_blocks',
    ]);
    expect(await say({ text: 'a', blocks: Array.from({ length: 5 }, () => section('a'.repeat(2_900))) })).toEqual([
      400,
      'msg_blocks_too_long',
    ]);
    expect(await post(slack, '/services/T/B/other', { text: 'a' })).toEqual([404, 'no_service']);
  });

  test('Teams: nothing, but a card that cannot be posted is lost', async () => {
    const teams = createTeams('message', 'signature');
    const say = async (body: unknown) => (await post(teams, teams.path, body))[0];
    expect(await say({ text: 'a message card' })).toBe(202);
    expect(await say({ type: 'message' })).toBe(202);
    expect(teams.failedRuns).toHaveLength(2);
    expect(await say({ text: 'a'.repeat(30_000) })).toBe(413);
    expect((await post(teams, teams.path.replace('sig=signature', 'sig=other'), {}))[0]).toBe(401);
    const card = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text: 'a' }] };
    expect(readTeamsCard('card', card)).toEqual(card);
    expect(readTeamsCard('card', { ...card, version: '1.5' })).toContain('version');
    expect(readTeamsCard('message', card)).toContain('attachments');
    expect(readTeamsCard('card', { ...card, body: [{ type: 'RichTextBlock', inlines: [] }] })).toContain('body');
    expect(teams.board.all()).toEqual([]);
  });

  test('PagerDuty: another key, a change by the key of a ruleset, and events that lack something', async () => {
    const key = 'k'.repeat(32);
    const pagerduty = createPagerduty(key);
    const trigger = {
      routing_key: key,
      event_action: 'trigger',
      payload: { summary: 's', source: 's', severity: 'critical' },
    };
    const say = async (body: unknown, path = '/v2/enqueue') => (await post(pagerduty, path, body))[0];
    expect(await say(trigger)).toBe(202);
    expect(await say({ ...trigger, routing_key: 'o'.repeat(32) })).toBe(400);
    expect(await say({ ...trigger, dedup_key: 'x'.repeat(256) })).toBe(400);
    expect(await say({ ...trigger, payload: { summary: 's', source: 's' } })).toBe(400);
    expect(await say({ ...trigger, payload: { ...trigger.payload, summary: 'x'.repeat(1_025) } })).toBe(400);
    expect(await say({ routing_key: key, event_action: 'resolve' })).toBe(400);
    const change = { routing_key: key, payload: { summary: 's', source: 's' } };
    expect(await say(change, '/v2/change/enqueue')).toBe(202);
    expect(await say({ ...change, routing_key: `R${key.slice(1)}` }, '/v2/change/enqueue')).toBe(400);
  });

  test('Discord: too much in all embeds together, and other tokens', async () => {
    const discord = createDiscord('100000000000000001', 'token');
    const say = async (body: unknown, path = `${discord.path}?wait=true`) => (await post(discord, path, body))[0];
    const embed = { description: 'a'.repeat(4_000) };
    expect(await say({ content: 'a' })).toBe(200);
    expect(await say({ content: 'a' }, discord.path)).toBe(204);
    expect(await say({ content: '' })).toBe(400);
    expect(await say({ content: 'a', embeds: [embed] })).toBe(200);
    expect(await say({ content: 'a', embeds: [embed, embed] })).toBe(400);
    expect(await say({ content: 'a' }, '/api/webhooks/100000000000000001/other')).toBe(401);
    expect(await say({ content: 'a' }, '/api/webhooks/100000000000000002/token')).toBe(404);
  });

  test('Discord: who is named is mentioned, unless the message says otherwise', async () => {
    const discord = createDiscord('100000000000000001', 'token');
    await post(discord, discord.path, { content: '@everyone' });
    await post(discord, discord.path, { content: '@everyone', allowed_mentions: { parse: [] } });
    expect(discord.board.all().map(({ mentions }) => mentions.length > 0)).toEqual([true, false]);
  });

  test('a webhook: what is not signed, not by its secret, or too long ago', async () => {
    const [ours, other] = ['a', 'b'].map((letter) => `whsec_${Buffer.from(letter.repeat(32)).toString('base64')}`);
    const receiver = createWebhook(ours ?? '');
    const { channel } = await createChannelRig('webhook');
    const request = channel.buildRequest(aNotice(), { form: 'rich', now: Date.now() });
    if (!request || !other) throw new Error('no request');
    expect((await askReceiver(receiver, request)).status).toBe(401);
    const { receiver: rightful } = await createChannelRig('webhook');
    expect((await askReceiver(rightful, request)).status).toBe(204);
    expect((await askReceiver(rightful, { ...request, body: `${request.body} ` })).status).toBe(401);
    const late = channel.buildRequest(aNotice(), { form: 'rich', now: Date.now() - 301_000 });
    expect(late && (await askReceiver(rightful, late)).status).toBe(401);
  });
});

describe('a signature', () => {
  test('is made again for each attempt, under the same id, with each secret', async () => {
    const { channel } = await createChannelRig('webhook');
    const [first, second] = [1_700_000_000_000, 1_700_000_060_999].map((now) =>
      channel.buildRequest(aNotice(), { form: 'rich', now }),
    );
    expect(first?.headers['webhook-id']).toBe(second?.headers['webhook-id']);
    expect([first, second].map((request) => request?.headers['webhook-timestamp'])).toEqual([
      '1700000000',
      '1700000060',
    ]);
    expect(first?.headers['webhook-signature']).not.toBe(second?.headers['webhook-signature']);
    expect(first?.headers['webhook-signature']?.split(' ')).toHaveLength(2);
    expect(first?.body).toBe(second?.body);
  });
});
