import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findHostProblem, findRetiredEndpoint } from '../../../lambdas/contract/channel-hosts.ts';
import { readChannelSecret } from '../../../lambdas/contract/channel-secrets.ts';
import { CHANNEL_TYPES, type ChannelType, channelSettings } from '../../../lambdas/contract/channel-settings.ts';
import { openChannel } from '../../../lambdas/deliver/channels/channels.ts';

const KEY = 'Abcdef0123456789Abcdef0123456789';
const SIGNING = `whsec_${Buffer.from(KEY).toString('base64')}`;

const VALID: Readonly<Record<ChannelType, string>> = {
  'slack-webhook': `https://hooks.slack.com/services/T01234567/B01234567/${KEY}`,
  'slack-bot': `xoxb-${KEY}`,
  pagerduty: KEY,
  teams: `https://prod-12.westeurope.logic.azure.com:443/workflows/${KEY}/triggers/manual/paths/invoke?api-version=1&sig=${KEY}`,
  jsm: '01234567-89ab-cdef-0123-456789abcdef',
  discord: `https://discord.com/api/webhooks/100000000000000001/${KEY}`,
  'google-chat': `https://chat.googleapis.com/v1/spaces/AAAA/messages?key=${KEY}&token=${KEY}`,
  webhook: JSON.stringify({ url: `https://hooks.example.com/${KEY}`, secrets: [SIGNING] }),
};

const problemOf = (type: ChannelType, secret: string, allowPrivateAddresses = false): string | undefined => {
  try {
    readChannelSecret(type, secret, { allowPrivateAddresses });
    return undefined;
  } catch (error) {
    return String(error);
  }
};

describe('the secret of a channel', () => {
  test.each(CHANNEL_TYPES)('%s: is read as it is stored, with spaces around it', (type) => {
    expect(problemOf(type, VALID[type])).toBeUndefined();
    expect(problemOf(type, `${VALID[type]}\n`)).toBeUndefined();
  });

  test.each(CHANNEL_TYPES)('%s: is refused in a sentence that does not show it', (type) => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.constantFrom('', 'not set', KEY.slice(1), `http://hooks.slack.com/services/${KEY}`, `{"url":"${KEY}"}`),
          fc.string({ minLength: 6 }),
          fc.webUrl({ withQueryParameters: true }).map((url) => `${url}/${KEY}`),
          fc.constantFrom(...Object.values(VALID)),
        ),
        (secret) => {
          const problem = problemOf(type, secret);
          if (problem === undefined) return;
          expect(problem).toMatch(/^InvalidChannelSecret: The secret of this channel cannot be used.*[^.]\.$/s);
          expect(problem).not.toContain(KEY);
        },
      ),
    );
  });

  test.each([
    ['slack-webhook', `https://evil.example/services/T0/B0/${KEY}`, 'evil.example is no host of Slack'],
    ['slack-webhook', `https://hooks.slack.com.evil.example/services/T0/B0/${KEY}`, 'is no host of Slack'],
    ['slack-webhook', `https://hooks.slack.com/triggers/T0/1/${KEY}`, 'no incoming webhook'],
    ['slack-webhook', `http://hooks.slack.com/services/T0/B0/${KEY}`, 'does not begin with https://'],
    ['slack-webhook', `https://me:${KEY}@hooks.slack.com/services/T0/B0/x`, 'send them in a header'],
    ['slack-bot', `xapp-${KEY}`, 'begins with xoxb-'],
    ['pagerduty', 'short', '32 letters and digits'],
    ['teams', `https://contoso.webhook.office.com/webhookb2/${KEY}`, 'In Teams, open the channel’s Workflows'],
    ['teams', `https://outlook.office.com/webhook/${KEY}`, 'In Teams, open the channel’s Workflows'],
    ['teams', 'https://prod-1.westeurope.logic.azure.com/workflows/a?sp=1', 'no signature (sig=)'],
    ['discord', `https://discord.com/channels/1/${KEY}`, 'no webhook'],
    ['google-chat', `https://chat.googleapis.com/v1/spaces/A/messages?key=${KEY}`, 'with key= and token='],
    ['webhook', 'https://hooks.example.com', 'Store {"url": "https://…"'],
    ['webhook', JSON.stringify({ url: 'https://a.example', secrets: [KEY] }), 'whsec_ and 24 to 64 random bytes'],
    ['webhook', JSON.stringify({ url: 'https://a.example', secrets: [] }), '(secrets)'],
    [
      'webhook',
      JSON.stringify({ url: 'https://a.example', secrets: [SIGNING], [KEY]: 1 }),
      'url, secrets and headers only',
    ],
    ['webhook', JSON.stringify({ url: 'https://api.opsgenie.com/v2', secrets: [SIGNING] }), 'Jira Service Management'],
    [
      'webhook',
      JSON.stringify({ url: 'https://a.example', secrets: [SIGNING], headers: { 'webhook-id': '1' } }),
      '(headers)',
    ],
    [
      'webhook',
      JSON.stringify({ url: 'https://a.example', secrets: [SIGNING], headers: { a: 'b\r\nc: d' } }),
      '(headers)',
    ],
  ] as const)('%s: %s is refused', (type, secret, sentence) => {
    expect(problemOf(type, secret)).toContain(sentence);
  });

  test('may name a host that is not public where private addresses are allowed, but none that is retired', () => {
    const local = 'https://localhost:8443/services/T0/B0/x';
    expect(problemOf('slack-webhook', local)).toContain('localhost is no host of Slack');
    expect(problemOf('slack-webhook', local, true)).toBeUndefined();
    expect(problemOf('teams', `https://a.webhook.office.com/x?sig=${KEY}`, true)).toContain(
      'must not be used any more',
    );
  });
});

describe('hosts', () => {
  test('are known by their whole name', () => {
    for (const host of ['evil-slack.com', 'slack.com.evil.example', 'hooks.slack.com.', 'SLACK.COM', 'slack.com:443']) {
      const isSlack = ['SLACK.COM', 'slack.com:443'].includes(host);
      expect(findHostProblem('slack-bot', host) === undefined, host).toBe(isSlack);
    }
    expect(findHostProblem('teams', 'logic.azure.com')).toContain('no host of Microsoft Teams');
    expect(findHostProblem('teams', 'x.environment.api.powerplatform.com')).toBeUndefined();
    expect(findHostProblem('webhook', 'anything.example')).toBeUndefined();
  });

  test('that are retired are named with what takes their place', () => {
    expect(findRetiredEndpoint('api.eu.opsgenie.com:443')).toContain('channel of type jsm');
    expect(findRetiredEndpoint('Contoso.Webhook.Office.com')).toContain('channel of type teams');
    expect(findRetiredEndpoint('api.atlassian.com')).toBeUndefined();
  });
});

describe('settings', () => {
  test.each(CHANNEL_TYPES)('%s: hold nothing that belongs into the secret', (type) => {
    const keys = Object.keys(channelSettings[type].shape);
    expect(keys.filter((key) => /url|token|secret|key/i.test(key))).toEqual([]);
  });

  test.each([
    ['jsm', { host: 'api.opsgenie.com' }, 'Atlassian ends Opsgenie'],
    ['jsm', { host: 'https://api.atlassian.com/' }, 'write the name of a host'],
    ['jsm', { tags: ['x'.repeat(51)] }, 'tags'],
    ['slack-bot', { channel: '#alerts' }, 'not its name'],
    ['teams', { shape: 'markdown' }, 'shape'],
    ['discord', { threadId: 'general' }, '15 to 22 digits'],
    ['webhook', { headers: { 'Content-Length': '1' } }, 'headers'],
    ['pagerduty', { routingKey: KEY }, 'routingKey'],
  ] as const)('%s: %j is refused', (type, settings, sentence) => {
    const parsed = channelSettings[type].safeParse(settings);
    expect(JSON.stringify(parsed.error?.issues)).toContain(sentence);
  });

  test('an API is at a host of its vendor, unless private addresses are allowed', () => {
    const open = (host: string, allowPrivateAddresses: boolean) => () =>
      openChannel({ type: 'pagerduty', settings: { host }, secret: KEY, allowPrivateAddresses });
    expect(open('events.eu.pagerduty.com', false)).not.toThrow();
    expect(open('events.example.com', false)).toThrow('events.example.com is no host of PagerDuty');
    expect(open('localhost:8443', true)).not.toThrow();
  });
});
