import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { allStacks, type Stack } from '../../emulator/cloudformation/template.ts';
import { SECRETS, startLocalRun } from '../start/local-run.ts';

const SOURCE = 'load';
const SECRET_NAME = 'HOOK_LOAD';

/** The processes of one function that this process has started, by what Linux says of each. */
const processesOf = (functionName: string): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      try {
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        const [, parent] = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
        return (
          Number(parent) === process.pid && environment.split('\0').includes(`AWS_LAMBDA_FUNCTION_NAME=${functionName}`)
        );
      } catch {
        return false; // it has ended meanwhile, or is somebody else's
      }
    });

export interface KnownJob {
  readonly job_id: string;
  readonly delivery_key: string;
  readonly status: string;
  readonly attempts: number;
}

/** Lets tools order at another shop. */
const orderAt = (stacks: Stack[], shopUrl: string): void => {
  for (const { template } of allStacks(stacks))
    for (const { Properties } of Object.values(template.Resources)) {
      const variables = (Properties?.Environment as { Variables?: Record<string, unknown> } | undefined)?.Variables;
      if (variables?.SHOP_URL !== undefined) variables.SHOP_URL = shopUrl;
    }
};

/** The local run with a source of hooks whose events order something at `shopUrl`. */
export const startJobs = async (root: string, { shopUrl, concurrency }: { shopUrl: string; concurrency: number }) => {
  const secret = randomBytes(24).toString('hex');
  const local = await startLocalRun(root, (folder) => {
    const settingsFile = join(folder, 'cdk.json');
    const given = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8'));
    const hooks = [{ source: SOURCE, scheme: 'github', tool: 'place_order', secretName: SECRET_NAME }];
    // Else the front door would refuse what is more than people send.
    const frontDoor = { kind: 'http-api', throttle: { rate: 10_000, burst: 5_000 } };
    const toolwatch = { ...given.toolwatch, frontDoor, jobs: { concurrency, attempts: 20 }, hooks };
    writeFileSync(settingsFile, JSON.stringify({ ...given, toolwatch }));
    writeFileSync(join(folder, SECRETS), `${SECRET_NAME}=${secret}\n`);
    return { settingsFile, change: (stacks) => orderAt(stacks, shopUrl) };
  });
  const { running } = local;
  const pool = new pg.Pool({ connectionString: running.postgresUrl, max: 2 });
  pool.on('error', () => {}); // the server is killed

  return {
    sender: { url: `${running.dashboardUrl.replace(/\/$/, '')}/hooks/${SOURCE}`, secret },
    healthUrl: `${running.dashboardUrl.replace(/\/$/, '')}/hooks/nobody`,
    /** How many jobs there are in each status. */
    countJobs: async (): Promise<Readonly<Record<string, number>>> => {
      const { rows } = await pool.query<{ status: string; count: number }>(
        'select status, count(*)::integer as count from ops.jobs group by status',
      );
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    },
    readJobs: async (): Promise<KnownJob[]> =>
      (await pool.query<KnownJob>('select job_id, delivery_key, status, attempts from ops.jobs')).rows,
    /** Makes failed attempts due at once, as an operator may: else some wait for hours. */
    hasten: () => pool.query("update ops.jobs set due_at = now() where status = 'pending' and due_at > now()"),
    /** Kills every process of a function; returns how many. */
    killFunction: (name: string): number => {
      const pids = processesOf(name);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      return pids.length;
    },
    /** Kills a process of the database, upon which it ends all others, and recovers as after a crash. */
    crashDatabase: async (): Promise<void> => {
      const client = new pg.Client({ connectionString: running.postgresUrl });
      client.on('error', () => {});
      try {
        await client.connect();
        const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
        const [row] = rows;
        if (row) process.kill(row.pid, 'SIGKILL');
      } catch {
        // It is recovering from the last time.
      } finally {
        await client.end().catch(() => {});
      }
    },
    stop: async () => {
      await pool.end().catch(() => {});
      await local.stop();
    },
  };
};
