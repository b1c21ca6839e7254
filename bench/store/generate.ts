import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { createRandom } from '../statistics/random.ts';

/** Generated traffic with the proportions of real traffic, always the same for the same seed. */
const TOOLS = 100;
const TENANTS = 200;
const ERROR_RATE = 0.02;
const COLD_RATE = 0.01;
/** The kinds of failures with their cumulative shares. */
const FAILURES = [
  { upTo: 0.35, error_code: 'UPSTREAM_ERROR', fault: 'dependency', error_message: 'the shop answered 503' },
  { upTo: 0.6, error_code: 'INVALID_INPUT', fault: 'caller', error_message: 'order_id: expected a string' },
  { upTo: 0.8, error_code: 'TIMEOUT', fault: 'dependency', error_message: 'no answer within 10 s' },
  { upTo: 0.9, error_code: 'RATE_LIMITED', fault: 'dependency', error_message: 'the shop answered 429' },
  { upTo: 0.96, error_code: 'INTERNAL_ERROR', fault: 'ours', error_message: 'cannot read properties of undefined' },
  { upTo: 1, error_code: 'UNAUTHORIZED', fault: 'caller', error_message: 'no such key' },
] as const;

/** Maps a share in [0, 1) to 0 … count - 1, of which 0 is the most frequent, by Zipf's law. */
const createZipf = (count: number): ((share: number) => number) => {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = new Uint16Array(65_536);
  let weightBefore = 0;
  let rank = 0;
  for (let slot = 0; slot < table.length; slot += 1) {
    while (rank < count - 1 && (weightBefore + (weights[rank] ?? 0)) / total <= slot / table.length) {
      weightBefore += weights[rank] ?? 0;
      rank += 1;
    }
    table[slot] = rank;
  }
  return (share) => table[Math.floor(share * table.length)] ?? 0;
};

const hex = (value: number, digits: number): string => Math.floor(value).toString(16).padStart(digits, '0');

/** A UUID of version 7 at this time. */
const uuidAt = (ms: number, random: () => number): string => {
  const randomHex = (digits: number) => hex(random() * 16 ** digits, digits);
  const time = hex(ms, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomHex(3)}-8${randomHex(3)}-${randomHex(12)}`;
};

export interface Traffic {
  seed: number;
  /** When the first call starts, in milliseconds since 1970, and the time over which calls are spread evenly. */
  fromMs: number;
  spanMs: number;
  /** How many calls there are in that time. */
  calls: number;
  /** Of how many tools; 100 unless given. */
  tools?: number;
}

/** The calls number `from` to `from + count - 1` of this traffic, in order of their time. */
export const generateCalls = (
  { seed, fromMs, spanMs, calls, tools = TOOLS }: Traffic,
  from: number,
  count: number,
): Invocation[] => {
  const random = createRandom(seed * 7_919 + from);
  const tool = createZipf(tools);
  const tenant = createZipf(TENANTS);
  return Array.from({ length: count }, (_, index) => {
    const startedMs = Math.floor(fromMs + ((from + index) / calls) * spanMs);
    const toolNumber = tool(random());
    const user = Math.floor(random() * 5_000);
    // A normal deviate by Box and Muller's method; each tool has its own median and spread.
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
    error_fingerprint: `v3:${failure.error_code.toLowerCase()}`,
    retryable: failure.error_code === 'RATE_LIMITED' || failure.error_code === 'TIMEOUT',
  };
};
