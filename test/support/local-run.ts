import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Stack } from '../../emulator/cloudformation/template.ts';
import type { Transition } from '../../emulator/cloudwatch/alarm-message.ts';
import type { Refusal } from '../../emulator/iam/iam.ts';
import type { Delivery } from '../../emulator/sns/delivery.ts';
import { type RunOptions, run } from '../../local/run.ts';
import { connect } from './mcp-client.ts';
import { root } from './source-files.ts';

/** Creates a folder that PostgreSQL's own user can reach as well. */
export const createDataFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'toolwatch-local-'));
  chmodSync(folder, 0o755);
  return folder;
};

/** The headers of a script's request to `npm start`, by the address of its page. */
export const scriptHeaders = async (page: string): Promise<Record<string, string>> => ({
  authorization: `Bearer ${await (await fetch(`${page}/local/token`)).text()}`,
});

/** Otherwise the smoke test's call would be counted among those of the test. */
const removeSmokeTest = (stacks: readonly Stack[]): void => {
  for (const { template } of stacks) {
    for (const [id, { Type }] of Object.entries(template.Resources)) {
      if (Type === 'Custom::Trigger' && id.startsWith('Smoke')) delete template.Resources[id];
    }
  }
};

/** Starts the whole local run on free ports, in a folder of its own. `events` is what `npm start` would print. */
export const startLocalRun = async ({ change = () => {}, ...options }: Partial<RunOptions> = {}) => {
  const folder = createDataFolder();
  const events = {
    transitions: [] as Transition[],
    deliveries: [] as Delivery[],
    refusals: [] as Refusal[],
    losses: [] as string[],
    shifts: [] as string[],
  };
  const running = await run({
    folder,
    settingsFile: join(root, 'cdk.json'),
    port: 0,
    postgresPort: 0,
    progress: () => {},
    onTransition: (transition) => events.transitions.push(transition),
    onDelivery: (delivery) => events.deliveries.push(delivery),
    onRefusal: (refusal) => events.refusals.push(refusal),
    onLoss: (loss) => events.losses.push(loss),
    onShift: (shift) => events.shifts.push(shift),
    skipConnectionCheck: true,
    ...options,
    change: (stacks) => {
      removeSmokeTest(stacks);
      change(stacks);
    },
  });
  const { cloud } = running;
  const OPERATOR = { person: 'operator' };
  const token = await running.token();
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    ...running,
    events,
    folder,
    /** The rows of a statement, from the database that `npm start` prints. */
    rows: async (statement: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => {
      const client = new pg.Client({ connectionString: running.postgresUrl });
      client.on('error', () => {});
      await client.connect();
      try {
        return (await client.query(statement, values)).rows;
      } finally {
        await client.end();
      }
    },
    client: () => connect(running.mcpUrl, '2026-07-28', headers),
    /** A request with the token of a script. */
    ask: (path: string, init: RequestInit = {}) =>
      fetch(`${running.dashboardUrl}${path}`, { ...init, headers: { ...headers, ...init.headers } }),
    get: async (path: string) => (await fetch(`${running.dashboardUrl}${path}`, { headers })).json(),
    refresh: () => cloud.lambda.invoke({ principal: OPERATOR, function: 'toolwatch-refresh', event: '{}' }),
    /** Evaluates alarms as if this many minutes had passed. */
    evaluateAfter: (minutes: number) => cloud.alarms.evaluateAll((Math.floor(Date.now() / 60_000) + minutes) * 60_000),
    alarmState: (alarm: string) => cloud.alarms.report().find(({ name }) => name === alarm)?.state,
    lines: () => cloud.logs.read('/toolwatch/calls').map(({ message }) => message),
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type LocalRun = Awaited<ReturnType<typeof startLocalRun>>;
