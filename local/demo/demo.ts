import { setTimeout as timeout } from 'node:timers/promises';
import { type Tallies, traffic } from './traffic.ts';

/** The tool that will break, the part of the shop it needs, and the alarm that must notice. */
const TOOL = 'order_status';
const FAULT = { path: '/orders/', effect: 'fail' };
const ALARM = `tool/${TOOL}/failing`;

export interface Demo {
  mcpUrl: string;
  shopControlUrl: string;
  /** Ends the demo at once; what it broke is mended first. */
  signal: AbortSignal;
  print: (line: string) => void;
  /** The state of an alarm by name, as CloudWatch has it: OK, ALARM or INSUFFICIENT_DATA. */
  alarmState: (name: string) => string | undefined | Promise<string | undefined>;
  /** How long everything is well before the shop breaks, in milliseconds. */
  calmMs?: number;
  /** How often the alarm is looked at, in milliseconds. */
  pollMs?: number;
  /** 1 for people; less makes the clients hurry. */
  paceFactor?: number;
}

/** How often a person is told that there is nothing new, in milliseconds. */
const REMINDER_MS = 20_000;

/**
 * Real clients at work while the shop breaks, somebody is paged, and the shop is mended. Says on the terminal which phase
 * it is in. Resolves to what the clients counted, when the alarm is over or the signal says so.
 */
export const runDemo = async (demo: Demo): Promise<Tallies> => {
  const { mcpUrl, shopControlUrl, signal, print, calmMs = 45_000, paceFactor = 1 } = demo;
  const tallies: Tallies = new Map();
  const over = new AbortController();
  const clients = traffic(mcpUrl, tallies, { stop: over.signal, abandon: signal }, paceFactor);
  // Clients that cannot connect end the demo, instead of leaving it waiting for an alarm nobody can cause.
  const failed = clients.catch((error: unknown) => over.abort(error));

  const story = async () => {
    const stop = AbortSignal.any([signal, over.signal]);
    print(`demo 1/4  calm: three clients call the tools at ${mcpUrl}; some of their calls are honest mistakes`);
    await timeout(calmMs, undefined, { signal: stop });
    print(`demo 2/4  fault: the shop answers 503 for single orders, so ${TOOL} fails; nobody has been told yet`);
    await tell(shopControlUrl, 'POST', FAULT);
    const brokenAt = Date.now();
    await until(demo, stop, tallies, 'ALARM');
    print(`demo 3/4  paged: ${ALARM} is in ALARM after ${seconds(brokenAt)} s; the shop is being mended`);
    await tell(shopControlUrl, 'DELETE');
    const mendedAt = Date.now();
    await until(demo, stop, tallies, 'OK');
    print(`demo 4/4  over: ${ALARM} is OK again, ${seconds(mendedAt)} s after the repair; the clients went home`);
  };

  try {
    await story();
  } catch (error) {
    if (!signal.aborted) throw over.signal.aborted ? over.signal.reason : error;
  } finally {
    over.abort();
    await failed;
    await tell(shopControlUrl, 'DELETE');
  }
  for (const [tool, { calls, failed: failures }] of [...tallies].sort()) {
    print(`demo      ${tool}: ${calls} calls, ${failures} of them failed`);
  }
  return tallies;
};

/** Waits for the alarm, and says now and then how things stand. */
const until = async (
  { alarmState, print, pollMs = 1_000 }: Demo,
  stop: AbortSignal,
  tallies: Tallies,
  wanted: 'ALARM' | 'OK',
): Promise<void> => {
  let remindAt = Date.now() + REMINDER_MS;
  for (;;) {
    const state = await alarmState(ALARM);
    if (state === wanted) return;
    if (Date.now() >= remindAt) {
      const { calls = 0, failed = 0 } = tallies.get(TOOL) ?? {};
      print(
        `demo      waiting for ${wanted}: ${ALARM} is ${state ?? 'unknown'}; ${failed} of ${calls} calls have failed`,
      );
      remindAt += REMINDER_MS;
    }
    await timeout(pollMs, undefined, { signal: stop });
  }
};

const seconds = (since: number): number => Math.round((Date.now() - since) / 1_000);

/** Throws when the shop does not do as it is told; but that it is gone when the demo ends harms nobody. */
const tell = async (url: string, method: 'POST' | 'DELETE', body?: object): Promise<void> => {
  const answer = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(
    (error: unknown) => {
      if (method === 'POST') throw error;
    },
  );
  if (answer && !answer.ok) throw new Error(`The shop refused ${method} ${url}: ${await answer.text()}`);
};
