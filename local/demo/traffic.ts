import { setTimeout as timeout } from 'node:timers/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** A request that a client makes of a tool. */
interface ScriptedRequest {
  tool: string;
  args: Record<string, unknown>;
}
type Random = () => number;

/** How many calls of one tool there were, and how many failed, as the clients saw it. */
interface Tally {
  calls: number;
  failed: number;
}
export type Tallies = Map<string, Tally>;

/** Numbers in [0, 1), the same sequence for the same seed (Mulberry32). */
const randomFrom = (seed: number): Random => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const pick = <Choice>(random: Random, choices: readonly [Choice, ...Choice[]]): Choice =>
  choices[Math.floor(random() * choices.length)] ?? choices[0];

/** An order that exists, may be read, and is in a state that `order_status` knows. */
const pickOrder = (random: Random) => `A-${1_000 + 100 * Math.floor(random() * 80) + Math.floor(random() * 12)}`;

const pickWeek = (random: Random) => {
  const month = String(1 + Math.floor(random() * 9)).padStart(2, '0');
  return { from: `2026-${month}-01`, to: `2026-${month}-07` };
};

const NOTE = 'Orders A-1042 and A-2077 were packed on 2026-03-01, A-1113 is late, call +44 20 7946 0018.';
const TABLE = 'day,amount,channel\n2026-03-01,12.50,web\n2026-03-02,,shop\n2026-03-03,18.00,web\n';

/** A kind of valid request, and its share of all requests. What the shares leave of 1 are invalid requests. */
interface RequestKind {
  share: number;
  create: (random: Random) => ScriptedRequest;
}

const QUERIES = ['oak', 'lamp', 'green mug', 'steel'] as const;
const SKUS = ['LAM-108', 'MUG-132'] as const;

const VALID_REQUESTS: readonly RequestKind[] = [
  { share: 0.52, create: (random) => ({ tool: 'order_status', args: { order_id: pickOrder(random) } }) },
  { share: 0.14, create: (random) => ({ tool: 'search_products', args: { query: pick(random, QUERIES) } }) },
  { share: 0.06, create: (random) => ({ tool: 'place_order', args: { sku: pick(random, SKUS), quantity: 1 } }) },
  { share: 0.08, create: () => ({ tool: 'regex_search', args: { pattern: '[A-Z]-\\d{4}', text: NOTE } }) },
  { share: 0.06, create: () => ({ tool: 'csv_profile', args: { csv: TABLE } }) },
  { share: 0.05, create: (random) => ({ tool: 'sales_report', args: pickWeek(random) }) },
  { share: 0.03, create: () => ({ tool: 'tool_health', args: {} }) },
];

/** Requests that fail through the caller's own fault. */
const INVALID_REQUESTS: [ScriptedRequest, ...ScriptedRequest[]] = [
  { tool: 'order_status', args: { order_id: '1042' } },
  { tool: 'order_status', args: { order_id: 'A-99999' } },
  { tool: 'order_status', args: { order_id: 'A-1077' } },
  { tool: 'place_order', args: { sku: 'LAM-115', quantity: 1 } },
  { tool: 'regex_search', args: { pattern: '(unclosed', text: NOTE } },
  { tool: 'sales_report', args: { from: '2026-03-31', to: '2026-03-01' } },
  { tool: 'order_statuses', args: {} },
];

const nextRequest = (random: Random): ScriptedRequest => {
  let remaining = random();
  for (const { share, create } of VALID_REQUESTS) {
    remaining -= share;
    if (remaining < 0) return create(random);
  }
  return pick(random, INVALID_REQUESTS);
};

/** Clients of both generations of MCP, with names that are easy to recognize in the database. */
const CLIENTS = [
  { name: 'support-desk', version: '3.1.0', mode: 'auto' },
  { name: 'storefront-assistant', version: '0.9.2', mode: 'legacy' },
  { name: 'analyst-notebook', version: '1.4.0', mode: 'auto' },
] as const;

/** The pause between two calls of one client, in milliseconds: the shortest, and how much longer it may be. */
const MIN_PAUSE_MS = 300;
const PAUSE_SPREAD_MS = 700;

const callTool = async (
  client: Client,
  { tool, args }: ScriptedRequest,
  tallies: Tallies,
  signal: AbortSignal,
): Promise<void> => {
  let failed = true;
  try {
    failed = (await client.callTool({ name: tool, arguments: args }, { signal })).isError === true;
  } catch {
    // A protocol error (as for an unknown tool) or no answer at all is a failed call like any other.
    if (signal.aborted) return;
  }
  const tally = tallies.get(tool) ?? { calls: 0, failed: 0 };
  tallies.set(tool, { calls: tally.calls + 1, failed: tally.failed + Number(failed) });
};

export interface StopSignals {
  /** Stops after the calls that are under way, which are still counted. */
  stop: AbortSignal;
  /** Stops immediately. */
  abandon: AbortSignal;
}

/**
 * Lets several clients call tools until they are stopped, and counts their calls in `tallies`. Rejects when one cannot
 * connect.
 */
export const runClients = async (
  mcpUrl: string,
  tallies: Tallies,
  signals: StopSignals,
  { paceFactor = 1, token }: { paceFactor?: number | undefined; token?: string | undefined } = {},
): Promise<void> => {
  const { abandon } = signals;
  const stop = AbortSignal.any([signals.stop, abandon]);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const runClient = async ({ name, version, mode }: (typeof CLIENTS)[number], seed: number) => {
    const random = randomFrom(seed);
    const client = new Client({ name, version }, { versionNegotiation: { mode } });
    await client.connect(new StreamableHTTPClientTransport(new URL(mcpUrl), { requestInit: { headers } }));
    while (!stop.aborted) {
      await callTool(client, nextRequest(random), tallies, abandon);
      const pause = (MIN_PAUSE_MS + PAUSE_SPREAD_MS * random()) * paceFactor;
      await timeout(pause, undefined, { signal: stop }).catch(() => {});
    }
    await client.close();
  };
  await Promise.all(CLIENTS.map((client, index) => runClient(client, index + 1)));
};
