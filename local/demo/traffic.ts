import { setTimeout as timeout } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** What clients ask, as people would: mostly sense, some honest mistakes. */
interface Errand {
  tool: string;
  args: Record<string, unknown>;
}
type Random = () => number;

/** How the calls of one tool went, as the clients saw it. */
export interface Tally {
  calls: number;
  failed: number;
}
export type Tallies = Map<string, Tally>;

/** The same sequence for the same seed, in [0, 1): mulberry32. */
const randomFrom = (seed: number): Random => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const pick = <One>(random: Random, choices: readonly [One, ...One[]]): One =>
  choices[Math.floor(random() * choices.length)] ?? choices[0];

/** An order that exists, is open to everybody, and is in a state everybody knows. */
const anOrder = (random: Random) => `A-${1_000 + 100 * Math.floor(random() * 80) + Math.floor(random() * 12)}`;

const aWeek = (random: Random) => {
  const month = String(1 + Math.floor(random() * 9)).padStart(2, '0');
  return { from: `2026-${month}-01`, to: `2026-${month}-07` };
};

const NOTE = 'Orders A-1042 and A-2077 were packed on 2026-03-01, A-1113 is late, call +44 20 7946 0018.';
const TABLE = 'day,amount,channel\n2026-03-01,12.50,web\n2026-03-02,,shop\n2026-03-03,18.00,web\n';

const sense: ((random: Random) => Errand)[] = [
  (random) => ({ tool: 'order_status', args: { order_id: anOrder(random) } }),
  (random) => ({ tool: 'search_products', args: { query: pick(random, ['oak', 'lamp', 'green mug', 'steel']) } }),
  (random) => ({ tool: 'place_order', args: { sku: pick(random, ['LAM-108', 'MUG-132']), quantity: 1 } }),
  () => ({ tool: 'regex_search', args: { pattern: '[A-Z]-\\d{4}', text: NOTE } }),
  () => ({ tool: 'csv_profile', args: { csv: TABLE } }),
  (random) => ({ tool: 'sales_report', args: aWeek(random) }),
  () => ({ tool: 'tool_health', args: {} }),
];
/** How often each of them, in the same order; what is left of 1 is mistakes. */
const SHARES = [0.52, 0.14, 0.06, 0.08, 0.06, 0.05, 0.03];

const mistakes: [Errand, ...Errand[]] = [
  { tool: 'order_status', args: { order_id: '1042' } },
  { tool: 'order_status', args: { order_id: 'A-99999' } },
  { tool: 'order_status', args: { order_id: 'A-1077' } },
  { tool: 'place_order', args: { sku: 'LAM-115', quantity: 1 } },
  { tool: 'regex_search', args: { pattern: '(unclosed', text: NOTE } },
  { tool: 'sales_report', args: { from: '2026-03-31', to: '2026-03-01' } },
  { tool: 'order_statuses', args: {} },
];

const nextErrand = (random: Random): Errand => {
  let dice = random();
  for (const [index, errand] of sense.entries()) {
    dice -= SHARES[index] ?? 0;
    if (dice < 0) return errand(random);
  }
  return pick(random, mistakes);
};

/** Both generations of MCP, under names that a person will recognize in the rows. */
const CLIENTS = [
  { name: 'support-desk', version: '3.1.0', mode: 'auto' },
  { name: 'storefront-assistant', version: '0.9.2', mode: 'legacy' },
  { name: 'analyst-notebook', version: '1.4.0', mode: 'auto' },
] as const;

/** Between two calls of one client, in milliseconds: at least, and how much more at most. */
const PAUSE_MS = [300, 700] as const;

const call = async (client: Client, { tool, args }: Errand, tallies: Tallies, signal: AbortSignal): Promise<void> => {
  let failed = true;
  try {
    failed = (await client.callTool({ name: tool, arguments: args }, { signal })).isError === true;
  } catch {
    // A protocol error, as for a tool there is not, or no answer at all: to this client it is a failed call like any other.
    if (signal.aborted) return;
  }
  const tally = tallies.get(tool) ?? { calls: 0, failed: 0 };
  tallies.set(tool, { calls: tally.calls + 1, failed: tally.failed + Number(failed) });
};

export interface Ends {
  /** After the calls that are under way, which are still counted. */
  stop: AbortSignal;
  /** At once. */
  abandon: AbortSignal;
}

/** Lets several clients work until the end; `tallies` counts as they go. Rejects when one cannot connect. */
export const traffic = async (mcpUrl: string, tallies: Tallies, ends: Ends, paceFactor = 1): Promise<void> => {
  const { abandon } = ends;
  const stop = AbortSignal.any([ends.stop, abandon]);
  const work = async ({ name, version, mode }: (typeof CLIENTS)[number], seed: number) => {
    const random = randomFrom(seed);
    const client = new Client({ name, version }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl)));
    while (!stop.aborted) {
      await call(client, nextErrand(random), tallies, abandon);
      const pause = (PAUSE_MS[0] + PAUSE_MS[1] * random()) * paceFactor;
      await timeout(pause, undefined, { signal: stop }).catch(() => {});
    }
    await client.close();
  };
  await Promise.all(CLIENTS.map((client, index) => work(client, index + 1)));
};
