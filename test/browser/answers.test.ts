import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { pageSearch } from '../../lambdas/contract/page-address.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { startBrowser } from '../support/browser.ts';
import { answerAsOperate } from '../support/operate-answers.ts';
import { pageRig } from '../support/page-rig.ts';
import { shopDayCalls, storeShopDayEvents } from '../support/shop-day.ts';

const browser = await startBrowser();
/** Two tenants whose clients chose the same id for a session. */
const SHARED = ['acme', 'globex'].map((tenant_id) =>
  anInvocation({ tenant_id, session_id: 'session-1', client_name: `bot of ${tenant_id}` }),
);
const rig = await pageRig([...shopDayCalls(), ...SHARED], storeShopDayEvents);

/** A page that asks every second; `prepare` comes before its first question. */
const openPage = async (search: string, prepare: (page: Page) => Promise<unknown> = async () => {}) => {
  const page = await browser.newPage();
  await answerAsOperate(page);
  await prepare(page);
  await page.goto(`${rig.url}/${search}`);
  return page;
};

/** Waits until a path was answered so many times more. */
const answers = async (page: Page, path: string, times: number): Promise<void> => {
  for (let time = 0; time < times; time += 1)
    await page.waitForResponse((response) => new URL(response.url()).pathname === path);
};

const hrefOf = async (page: Page, table: string): Promise<URLSearchParams> => {
  const link = page.getByRole('table', { name: table }).getByRole('link').first();
  return new URL((await link.getAttribute('href')) ?? '', rig.url).searchParams;
};

describe('what a person writes stays while the page asks again', () => {
  test('in a form', async () => {
    const page = await openPage(pageSearch('mutes', { refresh: 1 }));
    await page.getByLabel('What').selectOption('provider');
    await page.getByLabel('Name').fill('shop');
    await page.getByLabel('For').selectOption('480');
    await page.getByLabel('Reason').fill('The shop mo');
    await answers(page, '/v1/mutes', 3);
    await page.getByLabel('Reason').press('End');
    await page.getByLabel('Reason').pressSequentially('ves.');
    const written = await Promise.all(
      ['What', 'Name', 'For', 'Reason'].map((label) => page.getByLabel(label).inputValue()),
    );
    expect(written).toEqual(['provider', 'shop', '480', 'The shop moves.']);
    await page.close();
  });

  test('in a filter, which follows the address all the same', async () => {
    const page = await openPage(pageSearch('calls', { refresh: 1 }));
    await page.getByLabel('Version').fill('4');
    await answers(page, '/v1/calls', 3);
    expect(await page.getByLabel('Version').inputValue()).toBe('4');
    await page.getByLabel('Outcome').focus();
    await page.getByLabel('Outcome').selectOption('false');
    await expect.poll(() => page.url()).toContain('version=4');
    expect(await page.getByLabel('Outcome').evaluate((field) => field === document.activeElement)).toBe(true);
    await page.goBack();
    await expect.poll(() => page.getByLabel('Outcome').inputValue()).toBe('');
    expect(await page.getByLabel('Version').inputValue()).toBe('');
    await page.close();
  });
});

describe('the page', () => {
  test('asks nothing twice at the same time', async () => {
    const requested: string[] = [];
    const page = await openPage('?refresh=3600', async (given) => {
      given.on('request', (request) => request.url().includes('/v1/') && requested.push(request.url()));
    });
    await page.locator('.trouble').waitFor();
    await expect.poll(() => page.locator('.loading').count(), { timeout: 20_000 }).toBe(0);
    expect(requested.filter((url, at) => requested.indexOf(url) !== at)).toEqual([]);
    expect(requested.some((url) => url.includes('/v1/deployments'))).toBe(true);
    await page.close();
  });

  test('asks again only once it is answered', async () => {
    let requests = 0;
    let release = () => {};
    const isReleased = new Promise<void>((resolve) => {
      release = resolve;
    });
    const page = await openPage(pageSearch('checks', { refresh: 1 }), (given) =>
      given.route('**/v1/self-check', async (route) => {
        requests += 1;
        await isReleased;
        await route.fallback();
      }),
    );
    await answers(page, '/v1/tools', 4);
    expect(requests).toBe(1);
    release();
    await page.getByRole('table', { name: 'Findings' }).waitFor();
    await expect.poll(() => requests).toBeGreaterThan(1);
    await page.close();
  });

  test('is not green where the alarms could not be read, and says so', async () => {
    const page = await openPage('', (given) =>
      given.route('**/v1/alarms*', (route) => route.fulfill({ status: 500, json: { detail: 'CloudWatch is away.' } })),
    );
    await page.getByText('The alarms are not known. CloudWatch is away.').waitFor();
    const row = page.locator('tr.tool', { has: page.getByRole('link', { name: 'regex_search', exact: true }) });
    expect(await row.getAttribute('class')).toBe('tool quiet');
    expect(await row.textContent()).toContain('not known to fail');
    await page.close();
  });

  test('says to whoever may not see or do something that it is so, in words', async () => {
    const page = await openPage(pageSearch('mutes', { name: 'order_status' }), async (given) => {
      await given.route('**/v1/incidents*', (route) => route.fulfill({ status: 403, json: { message: 'Forbidden' } }));
      await given.route('**/v1/mutes', (route) =>
        route.request().method() === 'POST'
          ? route.fulfill({ status: 403, json: { detail: 'Only the operator may do this.' } })
          : route.fallback(),
      );
    });
    await page.getByLabel('Reason').fill('The shop moves.');
    await page.getByRole('button', { name: 'Mute', exact: true }).click();
    await page.getByText('You may not do this. Only the operator may do this.').waitFor();
    expect(await page.getByLabel('Reason').inputValue()).toBe('The shop moves.');
    await page.goto(`${rig.url}/${pageSearch('incidents')}`);
    await page.getByText('You may not see this.', { exact: true }).waitFor();
    await page.close();
  });
});

test('a cause without a message is named once, by its code', async () => {
  const page = await openPage('', (given) =>
    given.route(/\/v1\/error-groups\?tool=/, async (route) => {
      const response = await route.fetch();
      const { groups, ...rest } = await response.json();
      const bare = groups.map((group: object) => ({ ...group, error_message: null, error_type: null }));
      await route.fulfill({ response, json: { ...rest, groups: bare } });
    }),
  );
  await page.locator('.causes').waitFor();
  expect(await page.locator('.causes li').allTextContents()).toEqual(['UPSTREAM_ERROR new at shop']);
  await page.close();
});

test('the focus goes to the heading of a view that is gone to', async () => {
  const page = await openPage('');
  await page.locator('tr.tool').getByRole('link', { name: 'place_order', exact: true }).press('Enter');
  const focused = () => page.locator(':focus').evaluate(({ tagName, textContent }) => `${tagName} ${textContent}`);
  await expect.poll(focused).toMatch(/^H1 place_order/);
  await page.getByRole('table', { name: 'Latest failures of place_order' }).getByRole('link').first().press('Enter');
  await expect.poll(focused).toBe('H1 place_order failed');
  await page.close();
});

test('links to calls and sessions say when those were, so that old ones are found', async () => {
  const page = await openPage(pageSearch('calls', { minutes: 10_080, refresh: 3_600 }));
  await page.getByRole('table', { name: 'Calls, the newest first' }).waitFor();
  expect(Date.parse((await hrefOf(page, 'Calls, the newest first')).get('at') ?? '')).not.toBeNaN();
  const window = { from: new Date(Date.now() - 3_600_000 * 20).toISOString(), to: new Date().toISOString() };
  await page.goto(`${rig.url}/${pageSearch('sessions', { ...window, refresh: 3_600 })}`);
  await page.getByRole('table', { name: /^Sessions/ }).waitFor();
  const session = await hrefOf(page, 'Sessions, those with the newest calls first');
  expect([session.get('from'), session.get('to')]).toEqual([window.from, window.to]);
  await page.getByLabel('Window').selectOption('60');
  await expect.poll(() => page.url()).not.toContain('from=');
  await page.close();
});

test('the window that is chosen is the one that is shown, also instead of one that the address states', async () => {
  const page = await openPage('');
  const window = page.getByLabel('Window');
  const chosen = () => window.locator('option:checked').allTextContents();
  const ends = { from: new Date(Date.now() - 3_600_000 * 20).toISOString(), to: new Date().toISOString() };
  for (const view of ['calls', 'providers', 'sessions'] as const) {
    await page.goto(`${rig.url}/${pageSearch(view, { ...ends, refresh: 3_600 })}`);
    await expect.poll(async () => [view, ...(await chosen())]).toEqual([view, 'As below']);
    for (const words of ['Last hour', 'Last 24 h', 'Last hour', 'Last 7 d']) {
      await window.selectOption({ label: words });
      await expect.poll(() => page.url()).not.toContain('from=');
      await expect.poll(async () => [view, ...(await chosen())]).toEqual([view, words]);
    }
  }
  await page.close();
});

test('the operator opens the session of each tenant, also where two have one id', async () => {
  const page = await openPage('');
  const facts = page.locator('.facts');
  for (const call of SHARED) {
    await page.goto(`${rig.url}/${pageSearch('sessions', { client_name: call.client_name, refresh: 3_600 })}`);
    await page
      .getByRole('table', { name: /^Sessions/ })
      .getByRole('link')
      .first()
      .click();
    await expect.poll(() => facts.textContent()).toContain(`Clientbot of ${call.tenant_id}`);
    await page.goto(`${rig.url}/${pageSearch('call', { id: call.event_id, refresh: 3_600 })}`);
    await page.getByRole('link', { name: 'session-1' }).click();
    await expect.poll(() => facts.textContent()).toContain(`Clientbot of ${call.tenant_id}`);
  }
  await page.close();
});
