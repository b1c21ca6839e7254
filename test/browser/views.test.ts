import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import axe from 'axe-core';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { PAGE_VIEWS, type PageParameters, type PageView, pageSearch } from '../../lambdas/contract/page-address.ts';
import { aJob, storeJobs } from '../support/a-job.ts';
import { startBrowser } from '../support/browser.ts';
import { answerAsOperate } from '../support/operate-answers.ts';
import { pageRig } from '../support/page-rig.ts';
import { OPEN_INCIDENT, shopDayCalls, storeShopDayEvents, THREAD } from '../support/shop-day.ts';
import { shopWeeksCalls, storeDeployedTools } from '../support/shop-weeks.ts';

/** Where pictures of every view are written, by `npm run screenshots`. */
const SCREENSHOTS = process.env.SCREENSHOTS;

const browser = await startBrowser();
const JOB = aJob({ status: 'error' });
const rig = await pageRig([...shopDayCalls(), ...shopWeeksCalls()], async (database) => {
  await storeShopDayEvents(database);
  await storeDeployedTools(database);
  await storeJobs(database, JOB);
});

const idOf = async (statement: string): Promise<string> =>
  (await rig.database.rows<{ id: string }>(statement))[0]?.id ?? '';
const GROUP = await idOf("select group_id as id from rollup.error_groups where name = 'order_status' limit 1");
const CALL = await idOf(
  `select event_id as id from analytics.invocations where correlation_id = '${THREAD}' and name = 'order_status'`,
);

/** What each view is opened with, and what it shows once it is there. */
const SHOWN: Readonly<Record<PageView, readonly [PageParameters, string]>> = {
  now: [{}, '.trouble'],
  tool: [{ name: 'order_status' }, '.chart canvas'],
  errors: [{}, '.rows'],
  error: [{ id: GROUP }, '.chart canvas'],
  calls: [{}, '.rows'],
  call: [{ id: CALL }, '.waterfall'],
  providers: [{ provider: 'shop' }, '.rows'],
  incidents: [{}, '.rows'],
  incident: [{ id: OPEN_INCIDENT }, '.rows'],
  mutes: [{}, '.rows'],
  checks: [{}, '.rows'],
  queues: [{}, '.rows'],
  job: [{ id: JOB.job_id }, '.facts'],
  webhooks: [{}, '.rows'],
  rules: [{}, '.rows'],
  limits: [{}, '.rows'],
  deployments: [{}, '.rows'],
  sessions: [{}, '.rows'],
  kpis: [{}, '.chart canvas'],
  adoption: [{}, '.chart canvas'],
  costs: [{}, '.chart canvas'],
  channels: [{}, '.nothing'],
};

const openView = async (view: PageView, options: BrowserContextOptions = {}): Promise<Page> => {
  const page = await browser.newPage({ ...options, bypassCSP: true });
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  await answerAsOperate(page);
  const [parameters, selector] = SHOWN[view];
  await page.goto(`${rig.url}/${pageSearch(view, parameters)}`);
  await page.locator(selector).first().waitFor();
  // Every part of the view has its answer.
  await expect.poll(() => page.locator('.loading').count(), { timeout: 20_000 }).toBe(0);
  expect(problems).toEqual([]);
  return page;
};

const WIDE = { width: 1280, height: 800 };
const PHONE = { width: 375, height: 700 };

const takePicture = async (page: Page, name: string): Promise<void> => {
  if (SCREENSHOTS === undefined) return;
  mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`), fullPage: true });
};

interface Axe {
  run(options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
}

/** What axe finds, in a line for each; with `rules`, by these alone. */
const findViolations = async (page: Page, rules?: string[]): Promise<string[]> => {
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  return page.evaluate(async (given) => {
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(given);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
    );
  }, options);
};

const widthsOf = (page: Page) => page.evaluate(() => [document.documentElement.scrollWidth, innerWidth] as const);

test.each(PAGE_VIEWS)('the view %s has no barrier in the light and in the dark, and fits a phone', async (view) => {
  const page = await openView(view, { viewport: WIDE });
  await takePicture(page, `${view}-light`);
  const [wide, wideScreen] = await widthsOf(page);
  expect(wide).toBeLessThanOrEqual(wideScreen);
  await page.addScriptTag({ content: axe.source });
  expect(await findViolations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await takePicture(page, `${view}-dark`);
  expect(await findViolations(page, ['color-contrast'])).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(PHONE);
  await takePicture(page, `${view}-phone`);
  const [narrow, phone] = await widthsOf(page);
  expect(narrow).toBeLessThanOrEqual(phone);
  await page.close();
});
