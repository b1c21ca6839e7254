import { setTimeout as timeout } from 'node:timers/promises';
import { runClients, type Tallies } from './traffic.ts';

/** The tool that will fail, the service that lets it down, how, and the alarm that must fire. */
const TOOL = 'order_status';
const PROVIDER = 'shop';
const FAILURE_MODE = { path: '/orders/', effect: 'fail' };
const ALARM = `tool/${TOOL}/failing`;

export interface DemoOptions {
  mcpUrl: string;
  /** What the clients send where the front door verifies tokens. */
  token?: string | undefined;
  shopControlUrl: string;
  /** Ends the demo immediately; the shop is repaired first. */
  signal: AbortSignal;
  print: (line: string) => void;
  /** The state of an alarm by name, as in CloudWatch: OK, ALARM or INSUFFICIENT_DATA. */
  alarmState: (name: string) => string | undefined | Promise<string | undefined>;
  /** The message about one of these causes in each channel that shows one, as lines of text. */
  messagesAbout: (causes: readonly string[]) => readonly (readonly string[])[];
  /** How many channels there are. */
  channelCount: number;
  /** How long everything works before the shop breaks, in milliseconds. */
  calmMs?: number;
  /** How often the alarm's state is read, in milliseconds. */
  pollMs?: number;
  /** Multiplies the clients' pauses; 1 is a pace that a person can follow. */
  paceFactor?: number;
}

/** How often the demo prints what it is waiting for, in milliseconds. */
const REMINDER_MS = 20_000;

const secondsSince = (at: number): number => Math.round((Date.now() - at) / 1_000);

/**
 * Lets real clients call the tools while the shop breaks, an alarm fires, people are notified in each channel, and the shop
 * is repaired; prints each phase, and the messages.
 * Resolves to what the clients counted, once the alarm is OK again or the signal is given.
 */
export const runDemo = async (demo: DemoOptions): Promise<Tallies> => {
  const { mcpUrl, token, shopControlUrl, signal, print, paceFactor } = demo;
  const tallies: Tallies = new Map();
  const end = new AbortController();
  const clients = runClients(mcpUrl, tallies, { stop: end.signal, abandon: signal }, { paceFactor, token });
  // Clients that cannot connect end the demo, which would otherwise wait for an alarm that cannot fire.
  const clientsEnded = clients.catch((error: unknown) => end.abort(error));

  try {
    await playPhases(demo, AbortSignal.any([signal, end.signal]), tallies);
  } catch (error) {
    if (!signal.aborted) throw end.signal.aborted ? end.signal.reason : error;
  } finally {
    end.abort();
    await clientsEnded;
    await controlShop(shopControlUrl, 'DELETE');
  }
  for (const [tool, { calls, failed }] of [...tallies].sort()) {
    print(`demo      ${tool}: ${calls} calls, ${failed} of them failed`);
  }
  return tallies;
};

const playPhases = async (demo: DemoOptions, stop: AbortSignal, tallies: Tallies): Promise<void> => {
  const { mcpUrl, shopControlUrl, print, calmMs = 45_000 } = demo;
  print(`demo 1/5  calm: three clients call the tools at ${mcpUrl}; some of their calls are caller errors`);
  await timeout(calmMs, undefined, { signal: stop });
  print(`demo 2/5  failure: the shop now answers 503 for single orders, so ${TOOL} fails; no alarm has fired yet`);
  await controlShop(shopControlUrl, 'POST', FAILURE_MODE);
  const brokenAt = Date.now();
  await waitForAlarm(demo, stop, tallies, 'ALARM');
  print(
    `demo 3/5  alarm: ${ALARM} is in ALARM after ${secondsSince(brokenAt)} s; the notifier waits for what explains it`,
  );
  await waitForMessages(demo, stop);
  print(
    `demo 4/5  notified: people know after ${secondsSince(brokenAt)} s, in each channel; the shop is being repaired`,
  );
  await controlShop(shopControlUrl, 'DELETE');
  const repairedAt = Date.now();
  await waitForAlarm(demo, stop, tallies, 'OK');
  print(`demo 5/5  over: ${ALARM} is OK again, ${secondsSince(repairedAt)} s after the repair; the clients stop`);
};

/** Waits until the alarm is in this state, and prints now and then what it is waiting for. */
const waitForAlarm = async (
  { alarmState, print, pollMs = 1_000 }: DemoOptions,
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
      const progress = `${ALARM} is ${state ?? 'unknown'}; ${failed} of ${calls} calls have failed`;
      print(`demo      waiting for ${wanted}: ${progress}`);
      remindAt += REMINDER_MS;
    }
    await timeout(pollMs, undefined, { signal: stop });
  }
};

/** Waits until every channel shows a message about the tool, and prints each. */
const waitForMessages = async (
  { messagesAbout, channelCount, print, pollMs = 1_000 }: DemoOptions,
  stop: AbortSignal,
): Promise<void> => {
  let remindAt = Date.now() + REMINDER_MS;
  for (;;) {
    const messages = messagesAbout([TOOL, PROVIDER]);
    if (messages.length >= channelCount) {
      for (const lines of messages) print(`${lines.join('\n')}\n`);
      return;
    }
    if (Date.now() >= remindAt) {
      print(`demo      waiting for messages: ${messages.length} of ${channelCount} channels show one`);
      remindAt += REMINDER_MS;
    }
    await timeout(pollMs, undefined, { signal: stop });
  }
};

/** Throws when the shop refuses; only a repair may find that the shop is already gone. */
const controlShop = async (url: string, method: 'POST' | 'DELETE', body?: object): Promise<void> => {
  const request = { method, ...(body ? { body: JSON.stringify(body) } : {}) };
  const response = await fetch(url, request).catch((error: unknown) => {
    if (method === 'POST') throw error;
  });
  if (response && !response.ok) throw new Error(`The shop refused ${method} ${url}: ${await response.text()}`);
};
