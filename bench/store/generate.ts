import type { Invocation } from '../../lambdas/contract/invocation.ts';

/** Made-up traffic that looks like the real: always the same for the same seed. */
const TOOLS = 100;
const TENANTS = 200;
const ERROR_RATE = 0.02;
const COLD_RATE = 0.01;
/** How the failures divide, as shares added up, and whose fault each kind is. */
const FAILURES = [
  { upTo: 0.35, error_code: 'UPSTREAM_ERROR', fault: 'dependency', error_message: 'the shop answered 503' },
  { upTo: 0.6, error_code: 'INVALID_INPUT', fault: 'caller', error_message: 'order_id: expected a string' },
  { upTo: 0.8, error_code: 'TIMEOUT', fault: 'dependency', error_message: 'no answer within 10 s' },
  { upTo: 0.9, error_code: 'RATE_LIMITED', fault: 'dependency', error_message: 'the shop answered 429' },
  { upTo: 0.96, error_code: 'INTERNAL_ERROR', fault: 'ours', error_message: 'cannot read properties of undefined' },
  { upTo: 1, error_code: 'UNAUTHORIZED', fault: 'caller', error_message: 'no such key' },
] as const;

/** Numbers in [0, 1), the same sequence for the same seed (mulberry32). */
export const randomFrom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** Picks 0 to count - 1, the first most often, by Zipf's law. */
const zipf = (count: number): ((share: number) => number) => {
  const weights = Array.from({ length: count }, (_, at) => 1 / (at + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(65_536);
  let reached = 0;
  let at = 0;
  for (let slot = 0; slot < table.length; slot += 1) {
    while (at < count - 1 && (reached + (weights[at] ?? 0)) / total <= slot / table.length) {
      reached += weights[at] ?? 0;
      at += 1;
    }
    table[slot] = at;
  }
  return (share) => table[Math.floor(share * table.length)] ?? 0;
};

const hex = (value: number, digits: number): string => Math.floor(value).toString(16).padStart(digits, '0');

const uuidAt = (ms: number, random: () => number): string => {
  const time = hex(ms, 12);
  const words = [random(), random(), random()].map((share) => share * 0xffff_ffff);
  const [one = 0, two = 0, three = 0] = words;
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(one, 8).slice(0, 3)}-8${hex(two, 8).slice(0, 3)}-${hex(three, 8)}${hex(one, 8).slice(4)}`;
};

export interface Traffic {
  seed: number;
  /** The first call's moment and the stretch over which calls are spread evenly, both in milliseconds. */
  fromMs: number;
  spanMs: number;
  /** Calls over the whole stretch. */
  calls: number;
}

/** The calls numbered from to from + count - 1 of this traffic, in order of their time. */
export const callsOf = ({ seed, fromMs, spanMs, calls }: Traffic, from: number, count: number): Invocation[] => {
  const random = randomFrom(seed * 7_919 + from);
  const tool = zipf(TOOLS);
  const tenant = zipf(TENANTS);
  return Array.from({ length: count }, (_, at) => {
    const startedMs = Math.floor(fromMs + ((from + at) / calls) * spanMs);
    const toolNumber = tool(random());
    const user = Math.floor(random() * 5_000);
    // Box and Muller's normal; each tool has its own middle and spread.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const durationMs =
      Math.round(1_000 * Math.exp(4 + (toolNumber % 13) / 4 + normal * (0.4 + (toolNumber % 5) / 10))) / 1_000;
    const eventId = uuidAt(startedMs, random);
    const failure = random() < ERROR_RATE ? pickFailure(random()) : undefined;
    return {
      schema: 'toolwatch.v1',
      event_id: eventId,
      kind: 'tool',
      name: `tool_${String(toolNumber).padStart(3, '0')}_lookup`,
      service: 'toolwatch',
      environment: 'production',
      version: '2026.11.2',
      started_at: new Date(startedMs).toISOString(),
      finished_at: new Date(startedMs + Math.ceil(durationMs)).toISOString(),
      duration_ms: durationMs,
      cold_start: random() < COLD_RATE,
      success: failure === undefined,
      attempts: 1,
      tenant_id: `tenant-${String(tenant(random())).padStart(3, '0')}`,
      user_id: `u-${user}`,
      session_id: `s-${user}-${startedMs % 7}`,
      gpt_name: `gpt_${toolNumber % 12}`,
      client_name: 'assistant',
      client_version: '1.4.2',
      provider: `provider_${toolNumber % 9}`,
      correlation_id: eventId,
      trace_id: eventId.replaceAll('-', ''),
      request_bytes: 100 + Math.floor(random() * 400),
      response_bytes: 300 + Math.floor(random() * 4_000),
      metadata: { region: 'eu-west-1', items: Math.floor(random() * 20) },
      ...failure,
    };
  });
};

const pickFailure = (share: number) => {
  const { upTo: _, ...failure } = FAILURES.find(({ upTo }) => share <= upTo) ?? FAILURES[0];
  return {
    ...failure,
    error_type: 'Error',
    error_fingerprint: `v1:${failure.error_code.toLowerCase()}`,
    retryable: failure.error_code === 'RATE_LIMITED' || failure.error_code === 'TIMEOUT',
  };
};
