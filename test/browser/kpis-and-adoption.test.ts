import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { type PageParameters, pageSearch } from '../../lambdas/contract/page-address.ts';
import { startBrowser } from '../support/browser.ts';
import { answerAsOperate } from '../support/operate-answers.ts';
import { pageRig } from '../support/page-rig.ts';
import { shopWeeksCalls, storeDeployedTools } from '../support/shop-weeks.ts';

const browser = await startBrowser();

const open = async (url: string, view: 'kpis' | 'adoption', parameters: PageParameters = {}): Promise<Page> => {
  // Where it is still yesterday when a day of UTC begins.
  const page = await browser.newPage({ timezoneId: 'America/New_York' });
  await answerAsOperate(page);
  await page.goto(`${url}/${pageSearch(view, { ...parameters, refresh: 3_600 })}`);
  return page;
};

describe('what calls report and who makes them', async () => {
  const rig = await pageRig(shopWeeksCalls(), storeDeployedTools);
  const cardOf = (page: Page, measure: string) =>
    page.locator('.kpi', { has: page.getByRole('link', { name: measure, exact: true }) });

  test('each measure has its figures, what they were before, and a chart with the same as a table', async () => {
    const page = await open(rig.url, 'kpis');
    const revenue = cardOf(page, 'revenue_cents');
    await expect
      .poll(() => revenue.locator('.facts').textContent())
      .toMatch(
        /^Sum126,000 \+50 %, before 84,000Average3,000 0 %, before 3,000Calls that report it42 \+50 %, before 28Reported byplace_order/,
      );
    await revenue.locator('.chart canvas').waitFor();
    await revenue.getByText('Figures as a table').click();
    const rows = page.getByRole('table', { name: 'revenue_cents: Sum by the day' }).locator('tbody tr');
    await expect.poll(() => rows.locator('td').allTextContents()).toEqual(Array(7).fill('18,000'));
    const today = new Date().toISOString().slice(0, 10);
    expect((await rows.locator('th').allTextContents()).at(-1)).toBe(today);
    await page.getByRole('link', { name: 'Average' }).click();
    expect(page.url()).toContain('figure=average');
    await expect.poll(() => cardOf(page, 'conversion').locator('figcaption').textContent()).toBe('Average by the day');
    await page.close();
  });

  test('a measure is looked at alone, and by the tool that reports it, by address and keyboard', async () => {
    const page = await open(rig.url, 'kpis');
    await page.getByRole('link', { name: 'low_stock_products', exact: true }).press('Enter');
    await expect.poll(() => page.locator('.kpi').count()).toBe(1);
    expect(await page.getByLabel('Measure').inputValue()).toBe('low_stock_products');
    await page.getByLabel('Measure').fill('');
    await page.getByLabel('Tool').fill('place_order');
    await page.getByLabel('Tool').press('Enter');
    await expect
      .poll(() => page.locator('.kpi h2').allTextContents())
      .toEqual(['conversion', 'orders', 'revenue_cents']);
    await page.getByLabel('Window').selectOption('30');
    await expect.poll(() => page.url()).toContain('days=30');
    await page.getByRole('link', { name: 'Its calls' }).click();
    await page.getByRole('table', { name: 'Calls, the newest first' }).waitFor();
    await page.goBack();
    await page.locator('.links').getByRole('link', { name: 'place_order', exact: true }).click();
    await page.getByRole('link', { name: 'What it reports' }).click();
    await expect.poll(() => page.getByLabel('Tool').inputValue()).toBe('place_order');
    await page.getByLabel('Measure').fill('refunds');
    await page.getByLabel('Measure').press('Enter');
    await page.getByText('No call in this window of place_order reports refunds.').waitFor();
    await page.close();
  });

  test('weeks have their users, sessions and tenants; unused tools and calls of tools that do not exist are named', async () => {
    const page = await open(rig.url, 'adoption');
    const weeks = page.getByRole('table', { name: 'Weeks, the newest first' }).locator('tbody tr');
    await expect.poll(() => weeks.count()).toBe(4);
    const cells = (title: string) => weeks.locator(`[data-label="${title}"]`).allTextContents();
    expect(await cells('Active users')).toEqual(['4', '3', '0', '0']);
    expect(await cells('Sessions')).toEqual(['28', '28', '0', '0']);
    expect(await cells('Active tenants')).toEqual(['2', '2', '0', '0']);
    expect(await cells('Calls of unknown tools')).toEqual(['2', '0', '0', '0']);
    await page.locator('.chart canvas').waitFor();
    const unused = page.getByRole('table', { name: 'Deployed tools without calls in these weeks' }).locator('tbody tr');
    expect(await unused.allTextContents()).toEqual(['gift_cardnever']);
    const used = page.getByRole('table', { name: 'Tools, those with most calls first' }).locator('tbody tr');
    expect(await used.locator('th').allTextContents()).toEqual(['place_order', 'search_products']);
    expect(await used.first().locator('[data-label="Weeks with a call"]').textContent()).toBe('2 of 4');
    await page.getByLabel('Window').selectOption('8');
    await expect.poll(() => weeks.count()).toBe(8);
    await page.getByRole('link', { name: 'Those of the last 7 days' }).click();
    const calls = page.getByRole('table', { name: 'Calls, the newest first' }).locator('tbody tr');
    await expect.poll(() => calls.count()).toBe(2);
    await page.close();
  });

  test('the last figures stay while the store does not answer, and what cannot be read is said', async () => {
    const page = await browser.newPage();
    await answerAsOperate(page);
    let isAway = false;
    await page.route('**/v1/kpis*', (route) =>
      isAway ? route.fulfill({ status: 503, json: { detail: 'The store is away.' } }) : route.fallback(),
    );
    await page.goto(`${rig.url}/${pageSearch('kpis', { refresh: 1 })}`);
    await page.locator('.kpi').first().waitFor();
    isAway = true;
    await page.getByText('The store is away. The figures below are the last ones received.').waitFor();
    expect(await page.locator('.kpi').count()).toBeGreaterThan(0);
    await page.goto(`${rig.url}/${pageSearch('kpis', { days: 90, refresh: 1 })}`);
    await page.getByText('The store is away.', { exact: true }).waitFor();
    expect(await page.locator('.kpi').count()).toBe(0);
    await page.close();
  });
});

describe('before the first call', async () => {
  const rig = await pageRig([]);

  test('the page says how a tool reports a measure, and that no tool was called', async () => {
    const page = await open(rig.url, 'kpis');
    await page.getByText('No call in this window reports a measure.').waitFor();
    await page.getByText("A tool reports one with measure('orders', 1)").waitFor();
    await page.goto(`${rig.url}/${pageSearch('adoption')}`);
    await page.getByText('No tool was called in these weeks.').waitFor();
    await page.getByText('No tool is known to be deployed.').waitFor();
    await page.getByText('No call asked for a tool that does not exist.').waitFor();
    await page.close();
  });
});
