import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { type PageParameters, pageSearch } from '../../lambdas/contract/page-address.ts';
import { aJob, storeJobs } from '../support/a-job.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { startBrowser } from '../support/browser.ts';
import { answerAsOperate } from '../support/operate-answers.ts';
import { pageRig } from '../support/page-rig.ts';

const browser = await startBrowser();
const FAILED = aJob({ status: 'error', attempts: 8, delivery_key: 'evt_1' });
const WAITS = aJob({ source: 'nightly', due_at: new Date(Date.now() - 600_000).toISOString() });
const rig = await pageRig(
  [
    anInvocation({ correlation_id: FAILED.job_id, name: 'place_order', success: false, fault: 'dependency' }),
    anInvocation({
      kind: 'sync',
      name: 'inbound:contact',
      success: false,
      fault: 'dependency',
      error_message: 'no answer',
    }),
    anInvocation({ kind: 'job', name: 'orders' }),
  ],
  async (database) => {
    await storeJobs(database, FAILED, WAITS);
  },
);

const open = async (view: 'queues' | 'job', parameters: PageParameters = {}): Promise<Page> => {
  const page = await browser.newPage({ bypassCSP: true });
  await answerAsOperate(page);
  await page.goto(`${rig.url}/${pageSearch(view, parameters)}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
};

const expectAccessible = async (page: Page): Promise<void> => {
  await page.addScriptTag({ content: axe.source });
  const { violations } = await page.evaluate(() => (globalThis as unknown as { axe: typeof axe }).axe.run());
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
};

test('the way to them, what waits at each source, and a job that failed with the calls that were made for it', async () => {
  const page = await open('queues');
  const places = page.getByRole('navigation', { name: 'Views of Queues' }).getByRole('link');
  expect(await places.allTextContents()).toEqual(['Queues', 'Webhooks', 'Rules', 'Rate limits']);
  const sources = page.getByRole('table', { name: 'Sources of jobs' }).locator('tbody tr');
  await expect.poll(() => sources.locator('th').allTextContents()).toEqual(['nightly', 'stripe']);
  expect(await sources.first().locator('[data-label="Oldest waits"]').textContent()).toMatch(/^10(\.\d)? min/);
  await page.getByRole('table', { name: 'Queues' }).getByRole('link', { name: 'orders' }).waitFor();
  await page.getByRole('table', { name: 'The newest synchronisations that failed' }).getByText('no answer').waitFor();
  await expectAccessible(page);
  await page.getByRole('table', { name: 'Jobs, those received last first' }).locator('tbody th a').click();
  await page.getByText('evt_1').waitFor();
  await page.getByRole('table', { name: 'Calls that were made for it' }).getByText(FAILED.job_id).waitFor();
  await expectAccessible(page);
  await page.close();
});

test('the operator replays a job once, holds the replay back and releases it', async () => {
  const page = await open('job', { id: FAILED.job_id });
  const act = async (action: string) => {
    await page.getByLabel('What', { exact: true }).selectOption(action);
    await page.getByLabel('Reason').fill('the shop is back');
    await page.getByRole('button', { name: /^Do it/ }).click();
  };
  await act('replay');
  await page.getByText('Nothing can be done with it as it stands.').waitFor();
  await page.locator('.facts').getByRole('link').last().click();
  await page.getByText('Repeats').waitFor();
  await act('quarantine');
  await page.getByText('In quarantine because').waitFor();
  await act('release');
  await expect.poll(() => page.locator('.facts .badge').textContent()).toBe('waits');
  expect(await rig.database.rows('select action, reason from ops.audit order by at')).toEqual(
    ['job.replayed', 'job.quarantined', 'job.released'].map((action) => ({ action, reason: 'the shop is back' })),
  );
  await page.close();
});

test('the operator holds a source back, and lets it go on', async () => {
  const page = await open('queues');
  await page.getByLabel('Name').fill('nightly');
  await page.getByLabel('Reason').fill('broken');
  await page.getByRole('button', { name: 'Hold back' }).click();
  const paused = page.getByRole('table', { name: 'What is held back' });
  await paused.getByText('broken').waitFor();
  await paused.getByRole('button').click();
  await expect.poll(() => paused.count()).toBe(0);
  await page.getByLabel('State').selectOption('pending');
  await page.getByRole('table', { name: 'Jobs, those received last first' }).getByText('nightly').waitFor();
  await page.getByLabel('Tool').fill('nonsense');
  await page.getByLabel('Tool').press('Enter');
  await page.getByText('No job matches this.').waitFor();
  await page.close();
});

test('while the store does not answer, it is said, and the last figures stay', async () => {
  const page = await open('queues', { refresh: 1 });
  await page.getByRole('table', { name: 'Sources of jobs' }).waitFor();
  rig.breakStore();
  await page.getByText('The figures below are the last ones received.').first().waitFor();
  expect(await page.getByRole('table', { name: 'Sources of jobs' }).count()).toBe(1);
  const anew = await open('queues');
  await anew.locator('.problem').first().waitFor();
  await page.close();
  await anew.close();
});
