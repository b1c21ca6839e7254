import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TemplateEdit } from '../../local/template-edits.ts';
import { prepareTemplate } from '../support/prepared-template.ts';
import { callOrder, invoke, request } from '../support/through-cloud.ts';

let template: Awaited<ReturnType<typeof prepareTemplate>>;
beforeAll(async () => {
  template = await prepareTemplate();
});
afterAll(() => template?.clear());

const unchanged: TemplateEdit = () => {};

/** Does the work while another transaction has the lock that counting needs. */
const whileLocked = async <T>(work: () => Promise<T>): Promise<T> => {
  const other = new pg.Client({ connectionString: template.databaseUrl });
  await other.connect();
  try {
    await other.query('begin; select from rollup.progress for update');
    return await work();
  } finally {
    await other.end();
  }
};

test('calls that are not counted make the summaries old, and refresh fail and write for how long they have waited', {
  timeout: 300_000,
}, async () => {
  await template.withEdit(unchanged, async (cloud) => {
    const pending = () => template.rows('select from rollup.pending_batches');
    // Each refresh writes records itself, which wait for the next.
    const waitingLong = () =>
      template.rows("select from rollup.pending_batches where noted_at < now() - interval '30 minutes'");
    const summaries = async () => {
      const { payload } = await invoke(cloud, 'api', request('GET', '/health'));
      return JSON.parse(JSON.parse(payload).body).dependencies.summaries as string;
    };
    expect((await invoke(cloud, 'refresh')).failed).toBe(false);
    await callOrder(cloud);
    await expect.poll(pending).not.toEqual([]);
    await template.rows("update rollup.pending_batches set noted_at = now() - interval '40 minutes'");

    const { failed, payload } = await whileLocked(() => invoke(cloud, 'refresh'));
    expect(failed).toBe(true);
    expect(payload).toContain('another transaction has been counting calls');
    expect(cloud.metrics.find('Toolwatch', 'roll_up_delay_seconds')).toMatchObject([
      { dimensions: { service: 'toolwatch' } },
    ]);
    expect(await summaries()).toBe('degraded');

    expect((await invoke(cloud, 'refresh')).failed).toBe(false);
    expect(await waitingLong()).toEqual([]);
  });
});
