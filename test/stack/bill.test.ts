import { describe, expect, test } from 'vitest';
import { checkBudget, estimateBill, formatBill, totalBill } from '../../lib/bill/bill.ts';
import { type SettingsInput, settingsFrom, settingsSchema } from '../../lib/settings.ts';
import { aTool, synthesize } from '../support/synthesized.ts';

const billFor = (input: SettingsInput, names: string[]) => {
  const { resources } = synthesize(
    input,
    names.map((name) => aTool({ name })),
  );
  return estimateBill({ settings: settingsFrom(input), tools: names.length, resources: Object.values(resources) });
};
const dollarsOf = (bill: ReturnType<typeof billFor>, item: string) => bill.find((line) => line.item === item)?.dollars;

/** With Function URLs, which cost nothing. */
const IAM = { kind: 'function-url' } as const;

test('the bill agrees with a manual calculation', () => {
  const bill = billFor({}, ['a_tool', 'b_tool']);
  // A million calls: the gateway at 256 MiB for 20 ms and the tool's 100, the tool at 256 MiB for 100 ms, two requests.
  expect(dollarsOf(bill, 'gateway and tools')).toBeCloseTo(0.25 * 0.22 * 1e6 * 0.0000133334 + 2 * 0.2, 6);
  // 1.02 GB of calls and 0.087 of other requests at 0.50, and 14 of 30 days of it, compressed to 15 %, at 0.03.
  expect(dollarsOf(bill, 'log lines')).toBeCloseTo(1.107 * 0.5 + 1.107 * (14 / 30) * 0.15 * 0.03, 6);
  expect(dollarsOf(bill, 'database')).toBeCloseTo(11.68 + 20 * 0.115, 6);
  expect(dollarsOf(bill, 'dashboard')).toBe(3);
  // Two metrics of each of two tools, and one of each of seven schedules, 730 times.
  expect(dollarsOf(bill, 'metrics read')).toBeCloseTo((2 * 2 + 7) * 730 * 0.00001, 6);
});

test('the line of another request costs its bytes and its part of ingest, less than that of a call', () => {
  const of = (settings: SettingsInput) => totalBill(billFor({ frontDoor: IAM, ...settings }, ['a_tool']));
  const million = { otherRequestsPerMonth: 1_000_000 };
  const none = of({ traffic: { otherRequestsPerMonth: 0 } });
  // At less than 20 calls a second each line is a batch of its own.
  const aLine = 870e-9 * (0.5 + (14 / 30) * 0.15 * 0.03) + 0.06 * 0.25 * 0.0000133334 + 0.2e-6;
  expect(of({ traffic: million }) - none).toBeCloseTo(1e6 * aLine, 4);
  const calls = (callsPerMonth: number) => of({ traffic: { callsPerMonth, otherRequestsPerMonth: 0, toolMs: 1 } });
  expect(of({ traffic: million }) - none).toBeLessThan(calls(2e6) - calls(1e6));
  for (const lines of ['refusals', 'failures'] as const) {
    expect(of({ traffic: million, requests: { lines } })).toBeCloseTo(none, 6);
  }
  const lean = { monitoring: 'lean' } as const;
  expect(of({ ...lean, traffic: million })).toBeCloseTo(of({ ...lean, traffic: { otherRequestsPerMonth: 0 } }), 6);
});

test('another tool costs its metrics and its alarms, and nothing that grows with traffic', () => {
  const two = billFor({}, ['a_tool', 'b_tool']);
  const three = billFor({}, ['a_tool', 'b_tool', 'c_tool']);
  expect((dollarsOf(three, 'metrics') ?? 0) - (dollarsOf(two, 'metrics') ?? 0)).toBeCloseTo(2 * 0.3, 6);
  expect(dollarsOf(three, 'alarms')).toBeGreaterThan(dollarsOf(two, 'alarms') ?? 0);
  for (const item of ['gateway and tools', 'log lines', 'ingest and refresh', 'database'])
    expect(dollarsOf(three, item)).toBe(dollarsOf(two, item));
});

test('a provider costs a metric, its alarms and a longer line', () => {
  const tools = (provider?: string) =>
    ['a_tool', 'b_tool'].map((name) => aTool({ name, ...(provider ? { provider } : {}) }));
  const bills = [tools(), tools('shop')].map((listed) => {
    const { resources } = synthesize({}, listed);
    return estimateBill({ settings: settingsFrom({}), tools: 2, resources: Object.values(resources) });
  });
  const more = (item: string) => (dollarsOf(bills[1] ?? [], item) ?? 0) - (dollarsOf(bills[0] ?? [], item) ?? 0);
  expect(more('metrics')).toBeCloseTo(0.3, 6);
  // The warning, the alarm that it is down and the one that it is degraded read two metrics each.
  expect(more('alarms')).toBeCloseTo((2 + 2 + 2) * 0.1, 6);
  expect(more('log lines')).toBeCloseTo(0.14 * 0.5 + 0.14 * (14 / 30) * 0.15 * 0.03, 6);
});

test('two zones double the database, and a key costs a dollar', () => {
  const plain = billFor({}, ['a_tool']);
  const more = billFor({ database: { multiAz: true }, topicEncryption: 'key' }, ['a_tool']);
  expect(dollarsOf(more, 'database')).toBeCloseTo(2 * (dollarsOf(plain, 'database') ?? 0), 6);
  expect(dollarsOf(more, 'keys')).toBe(1);
});

test('Aurora costs its minimum capacity, and a proxy two processors', () => {
  const aurora = billFor({ database: { kind: 'aurora', minCapacity: 0.5, multiAz: true } }, ['a_tool']);
  expect(dollarsOf(aurora, 'database')).toBeCloseTo(2 * 0.5 * 730 * 0.12, 6);
  expect(dollarsOf(aurora, 'database proxy')).toBeUndefined();
  expect(dollarsOf(billFor({ database: { proxy: true } }, ['a_tool']), 'database proxy')).toBeCloseTo(21.9, 6);
});

test('an HTTP API costs a dollar per million requests and its log, and a Function URL nothing', () => {
  const jwt = { issuer: 'https://issuer.example.com', audience: ['toolwatch'] };
  const traffic = { callsPerMonth: 2_000_000, otherRequestsPerMonth: 1_000_000 };
  expect(dollarsOf(billFor({ traffic, frontDoor: IAM }, ['a_tool']), 'HTTP API')).toBeUndefined();
  const bill = billFor({ traffic, frontDoor: { kind: 'http-api', jwt } }, ['a_tool']);
  // The page, the lists of tools and what Prometheus reads go through it as well.
  expect(dollarsOf(bill, 'HTTP API')).toBeCloseTo(3 * 1 + 0.99 * 0.5, 6);
  expect(dollarsOf(bill, 'sign-in')).toBeUndefined();
});

test('people who sign in at the stack’s own issuer cost a cent and a half each, and a machine six dollars', () => {
  expect(dollarsOf(billFor({}, ['a_tool']), 'sign-in')).toBeCloseTo(10 * 0.015, 6);
  const machines = [{ name: 'prometheus', may: ['metrics' as const] }];
  const bill = billFor({ traffic: { peopleSigningIn: 100 }, frontDoor: { kind: 'http-api', signIn: { machines } } }, [
    'a_tool',
  ]);
  expect(dollarsOf(bill, 'sign-in')).toBeCloseTo(100 * 0.015 + 6 + (365 / 12) * 0.00225, 6);
});

test('a missing price is reported, not guessed', () => {
  expect(formatBill(billFor({ database: { instance: 'r7g.large' } }, ['a_tool']))).toContain('whose price is missing');
});

test('a bill over the budget fails with what it comes to', () => {
  const bill = billFor({}, ['a_tool']);
  const total = totalBill(bill);
  expect(() => checkBudget(bill, settingsFrom({ budget: total + 1 }))).not.toThrow();
  expect(() => checkBudget(bill, settingsFrom({ budget: total - 1 }))).toThrow(
    `about ${total.toFixed(2)} dollars a month`,
  );
});

test('the table adds up', () => {
  const rows = formatBill(billFor({}, ['a_tool']))
    .split('\n')
    .slice(1);
  const amounts = rows.map((row) => Number(/(\d+\.\d\d)/.exec(row)?.[1]));
  const total = amounts.pop() ?? 0;
  expect(amounts.reduce((sum, amount) => sum + amount, 0)).toBeCloseTo(total, 1);
});

/**
 * What the leanest design with alarms on failing and slow tools would cost: two metrics per tool, four read by its
 * alarms, eight alarms on the pipeline, a free dashboard, a line of 930 bytes. `batch` is how many calls ingest takes
 * in one batch.
 */
const leanest = (tools: number, calls: number, batch: number, database: number, other: number): number =>
  0.25 * 0.22 * calls * 0.0000133334 +
  (2 * calls * 0.2) / 1e6 +
  ((0.93 * calls) / 1e6) * 0.5 +
  2 * tools * 0.3 +
  (4 * tools + 8) * 0.1 +
  (calls / batch) * (0.06 * 0.25 * 0.0000133334 + 0.2e-6) +
  database +
  other;
const names = (count: number) => Array.from({ length: count }, (_, at) => `tool_${at}`);
/** With a webhook and e-mail as recipients, and so with the weekly drill and the report. */
const WITH_RECIPIENTS: SettingsInput = {
  frontDoor: IAM,
  alerts: {
    critical: { emails: ['a@example.com'], https: ['https://example.com/hook'] },
    warning: { emails: ['b@example.com'] },
  },
};

const compositesIn = (bill: ReturnType<typeof billFor>): number =>
  Number(/(\d+) composite/.exec(bill.find(({ item }) => item === 'alarms')?.basis ?? '')?.[1]);
/** Itself, its heartbeat, its alarms, which read nine metrics, and in lean monitoring all composite alarms. */
const ofNotifier = (lean: ReturnType<typeof billFor>): number =>
  (dollarsOf(lean, 'notifier') ?? 0) + 0.3 + 9 * 0.1 + compositesIn(lean) * 0.5;

/**
 * The self-check's alarms read four metrics, and it reads how often each of nine schedules started something; where a
 * drill did not arrive is one more.
 */
const ofSelfCheck = 4 * 0.1 + (9 * 730 * 0.01) / 1_000 + 0.1;

/** An alarm on slowness knows how many calls there were, and eight alarms what refresh evaluates. */
const ofCertainty = (tools: number): number => 0.1 * tools + 8 * 0.1;

test('the archive costs a year of files, three starts a day and the processor that writes', () => {
  const seconds = ((3 * 365) / 12) * 2 + 1e3 * 0.25;
  const starts = ((3 * 365) / 12) * (0.2e-6 + 1e-6);
  const expected = seconds * (1_769 / 1_024) * 0.0000133334 + starts + ((12e6 * 115) / 1e9) * 0.023;
  expect(dollarsOf(billFor({}, ['a_tool']), 'archive')).toBeCloseTo(expected, 6);
  expect(dollarsOf(billFor({ archive: false }, ['a_tool']), 'archive')).toBeUndefined();
});

/** And one metric more that the self-check reads. */
const ofArchive = (bill: ReturnType<typeof billFor>): number => (dollarsOf(bill, 'archive') ?? 0) + 730 * 0.00001;

test('the notifier costs a run and its two queues in every minute', () => {
  // 0.1 s at 256 MiB, a start of the schedule, a write, two reads, and fifteen requests to each queue.
  const aRun = 0.1 * 0.25 * 0.0000133334 + 0.2e-6 + 1e-6 + 0.625e-6 + 2 * 0.125e-6 + 2 * 15 * 0.4e-6;
  expect(dollarsOf(billFor({}, ['a_tool']), 'notifier')).toBeCloseTo(43_800 * aRun, 6);
});

describe.each([
  {
    size: 'ten tools and a million calls',
    tools: 10,
    calls: 1e6,
    batch: 1,
    database: 13.98,
    other: 0.75,
    leanestIs: 27.53,
    fullIs: 40.04,
    leanIs: 32.77,
    input: {},
  },
  {
    size: 'a hundred tools and a hundred million calls',
    tools: 100,
    calls: 1e8,
    batch: 2,
    database: 58.95,
    other: 1.96,
    leanestIs: 341.55,
    fullIs: 374.52,
    leanIs: 359.04,
    input: { database: { instance: 't4g.medium', storageGb: 100 } },
  },
] as const)('$size', ({ tools, calls, batch, database, other, leanestIs, fullIs, leanIs, input }) => {
  const bill = (more: SettingsInput) =>
    billFor({ ...input, ...WITH_RECIPIENTS, ...more, traffic: { callsPerMonth: calls } }, names(tools));
  const lean = bill({ monitoring: 'lean', gatewayMemoryMb: 192 });

  test('cost no more than the leanest design, with lean monitoring and a gateway sized for ordinary payloads', () => {
    expect(leanest(tools, calls, batch, database, other)).toBeCloseTo(leanestIs, 1);
    expect(totalBill(lean) - ofNotifier(lean) - ofSelfCheck - ofCertainty(tools) - ofArchive(lean)).toBeLessThanOrEqual(
      leanestIs,
    );
    expect(totalBill(lean)).toBeCloseTo(leanIs, 2);
  });

  test('save what the setting says', () => {
    const full = bill({ requests: { lines: 'refusals' } });
    const saved = totalBill(full) - totalBill(bill({ monitoring: 'lean' }));
    const [, perMonth] = /saves ([\d.]+) dollars a month/.exec(settingsSchema.shape.monitoring.description ?? '') ?? [];
    // Full monitoring has one composite alarm, and the direct path more of them when it watches more alarms.
    const nested = (compositesIn(full) - compositesIn(lean) - 1) * 0.5;
    expect(saved - nested).toBeCloseTo(Number(perMonth), 2);
  });

  test('agree with a manual calculation', () => {
    // Two metrics per tool, completeness, the notifier's heartbeat, and the drill's two for five hours a month.
    expect(dollarsOf(lean, 'metrics')).toBeCloseTo((2 * tools + 2 + (2 * 5) / 730) * 0.3, 6);
    // Five per tool; completeness, lag, payloads retained and lost, undelivered notifications, the disk, the gateway's
    // two; the drill's four; the notifier's nine; what refresh evaluates, and three on alert rules; the self-check's
    // four; the composite alarms of the direct path.
    const read = 5 * tools + 8 + 4 + 9 + 5 + 3 + 4;
    expect(dollarsOf(lean, 'alarms')).toBeCloseTo(read * 0.1 + compositesIn(lean) * 0.5, 6);
    // The gateway's own 20 ms at 256 MiB take 256/192 as long.
    const gbSeconds = 0.1875 * (0.1 + (0.02 * 256) / 192) + 0.25 * 0.1;
    expect(dollarsOf(lean, 'gateway and tools')).toBeCloseTo(calls * (gbSeconds * 0.0000133334 + 2 * 0.2e-6), 4);
    expect(dollarsOf(lean, 'dashboard')).toBeUndefined();
    expect(dollarsOf(lean, 'database')).toBeCloseTo(database, 2);
  });

  test('cost with full monitoring what is documented', () => {
    expect(totalBill(bill({}))).toBeCloseTo(fullIs, 2);
  });
});
