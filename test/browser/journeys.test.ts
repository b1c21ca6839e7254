import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { PAGE_VIEWS, pageSearch } from '../../lambdas/contract/page-address.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { startBrowser } from '../support/browser.ts';
import { acknowledgeFor, answerAsOperate } from '../support/operate-answers.ts';
import { pageRig } from '../support/page-rig.ts';
import { OPEN_INCIDENT, shopDayCalls, storeShopDayEvents } from '../support/shop-day.ts';

const DAY_MS = 86_400_000;
const SLOW = { timeout: 20_000 };

const browser = await startBrowser();
const rig = await pageRig(shopDayCalls(), storeShopDayEvents);

const openPage = async (search: string, given: Parameters<typeof answerAsOperate>[1] = {}) => {
  const page = await browser.newPage();
  const sent = await answerAsOperate(page, given);
  await page.goto(`${rig.url}/${search}`);
  return { page, sent };
};

const shows = (page: Page, text: string) => page.getByText(text).first().waitFor();

describe('a person who is woken', () => {
  test('comes from the message’s link to the cause in two clicks, and back to the incident by the tool', async () => {
    const { page } = await openPage(pageSearch('incident', { id: OPEN_INCIDENT }));
    // As the message advises, which knows whose fault it is.
    await shows(page, 'Check the provider. Runbook');
    await page.getByRole('link', { name: 'the shop answered 503' }).click();
    await shows(page, 'Outside service');
    expect(await page.locator('h1').textContent()).toBe('the shop answered 503 for /orders/A-1042');
    await page.getByRole('table', { name: 'Newest calls of this group' }).getByRole('link').first().click();
    await shows(page, 'Its thread');
    await page.getByRole('link', { name: 'order_status' }).first().click();
    await page.getByRole('table', { name: 'Incidents of order_status' }).getByRole('link').first().click();
    await page.getByRole('heading', { name: 'order_status fails: 24 of 30 calls (80 %)' }).waitFor();
    await page.close();
  });

  test('reads what is broken, since when, whose fault, what changed, what to do and who was notified', async () => {
    const { page } = await openPage('');
    const card = page.locator('.trouble');
    await expect.poll(() => card.textContent(), SLOW).toContain('1 message');
    const text = (await card.textContent()) ?? '';
    const parts = ['order_status fails', '10 min ago', 'a dependency’s fault', 'Version 42 was deployed 4 min before'];
    for (const part of [...parts, 'What to doCheck the provider. Runbook', 'the shop answered 503'])
      expect(text).toContain(part);
    await page.close();
  });

  test('comes from a failed call to its provider, and from there to the tools that use it', async () => {
    const { page } = await openPage(pageSearch('calls', { tool: 'order_status', success: 'false' }));
    await page
      .getByRole('table', { name: /^Calls/ })
      .getByRole('link')
      .first()
      .click();
    await page.getByRole('link', { name: 'shop', exact: true }).click();
    const row = page.getByRole('table', { name: /^Providers/ }).locator('tbody tr');
    await expect.poll(() => row.count(), SLOW).toBe(1);
    expect(await row.locator('[data-label="Failed by its fault"]').textContent()).toBe('25 (100 %)');
    expect(await page.getByRole('table', { name: 'Domains of shop' }).textContent()).toContain('api.shop.example.com');
    await page.getByRole('table', { name: 'Tools that use shop' }).getByRole('link').click();
    await page.getByRole('heading', { name: /^order_status/ }).waitFor();
    await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Providers' }).click();
    await page.getByRole('heading', { name: 'Providers' }).waitFor();
    await page.close();
  });

  test('sees green as soon as the alarm is OK, with when it was failing', async () => {
    const { page } = await openPage('', { alarms: [] });
    await page.locator('tr.tool').first().waitFor();
    const row = page.locator('tr.tool', { has: page.getByRole('link', { name: 'place_order', exact: true }) });
    await expect.poll(() => row.textContent(), SLOW).toMatch(/was failing (\d+ \w+ )?\d\d:\d\d–(\d+ \w+ )?\d\d:\d\d/);
    expect(await row.getAttribute('class')).toBe('tool healthy');
    expect(await page.locator('.headline.critical').count()).toBe(0);
    const quiet = page.locator('tr.tool', { has: page.getByRole('link', { name: 'sales_report', exact: true }) });
    expect(await quiet.textContent()).toContain('Quiet, not proven well');
    await page.close();
  });

  test('leaves out callers’ faults, and the address says so', async () => {
    const { page } = await openPage('');
    const row = page.locator('tr.tool', { has: page.getByRole('link', { name: 'regex_search', exact: true }) });
    const failed = row.locator('[data-label=failed]');
    await expect.poll(() => failed.textContent(), SLOW).toBe('33 %');
    await page.getByRole('link', { name: 'Without callers’ faults' }).click();
    await expect.poll(() => failed.textContent()).toBe('0 %');
    expect(page.url()).toBe(`${rig.url}/?callers=hide`);
    await page.close();
  });

  test('sees the values of a chart where the pointer is, and the same as a table', async () => {
    const { page } = await openPage(pageSearch('tool', { name: 'order_status', hours: 1 }));
    await page.locator('.chart canvas').first().waitFor();
    await page.locator('.chart').first().getByText('Figures as a table').click();
    const rows = page.getByRole('table', { name: 'Calls', exact: true }).locator('tbody tr');
    await expect.poll(() => rows.count()).toBeGreaterThan(1);
    const box = await page.locator('.chart .u-over').first().boundingBox();
    await page.mouse.move((box?.x ?? 0) + (box?.width ?? 0) - 5, (box?.y ?? 0) + 20);
    const legend = page.locator('.chart .u-legend').first();
    await expect.poll(() => legend.textContent()).toMatch(/Time.*\d\d:\d\d/);
    await page.close();
  });
});

describe('what people decide', () => {
  test('about a group of failures needs a reason, and is shown', async () => {
    const { page } = await openPage(pageSearch('errors', { tool: 'place_order' }));
    await page.getByRole('link', { name: 'cannot read price of undefined' }).click();
    const reason = page.getByLabel('Reason');
    await reason.waitFor();
    await page.getByRole('button', { name: 'Resolve' }).click();
    expect(
      await reason.evaluate(
        (field) => (field as unknown as { validity: { valueMissing: boolean } }).validity.valueMissing,
      ),
    ).toBe(true);
    await reason.fill('Version 42 reads the price elsewhere.');
    await page.getByRole('button', { name: 'Resolve' }).click();
    await expect.poll(() => page.locator('.facts .badge').first().textContent(), SLOW).toBe('resolved');
    expect(await page.locator('.facts').textContent()).toContain('Version 42 reads the price elsewhere.');
    await page.close();
  });

  test('to work on an incident is shown to all, until somebody takes over', async () => {
    const search = pageSearch('incident', { id: OPEN_INCIDENT });
    const { page } = await openPage(search);
    const state = page.locator('.facts').first();
    const press = () => page.getByRole('button', { name: 'I work on this' }).click();
    await expect.poll(() => state.textContent(), SLOW).toContain('nobody has said so');
    await acknowledgeFor(page, rig.database, 'ann');
    await page.getByLabel('Note').fill('I call the shop.');
    await press();
    await expect.poll(() => state.textContent(), SLOW).toMatch(/Who works on itann since \d\d:\d\d: I call the shop\./);
    await page.unroute('**/v1/incidents/*/acknowledgement');
    await acknowledgeFor(page, rig.database, 'bob');
    await press();
    await expect.poll(() => state.textContent(), SLOW).toMatch(/Who works on itbob since \d\d:\d\dLasted/);
    await page.goto(`${rig.url}/${pageSearch('incidents', { state: 'open' })}`);
    const row = page.getByRole('table', { name: /^Incidents/ }).locator('[data-label="Works on it"]');
    await expect.poll(() => row.allTextContents(), SLOW).toEqual([expect.stringMatching(/^bob since/)]);
    await page.goto(rig.url);
    await expect.poll(() => page.locator('.trouble').textContent(), SLOW).toMatch(/Who works on itbob since/);
    await page.route('**/v1/incidents?*', (route) => route.fulfill({ status: 403, json: { message: 'Forbidden' } }));
    await page.goto(`${rig.url}/${search}`);
    await state.waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'I work on this' }).count(), SLOW).toBe(0);
    await page.close();
  });

  test('about alarms is sent with its reason and end', async () => {
    const { page, sent } = await openPage(pageSearch('mutes', { kind: 'tool', name: 'order_status' }));
    await page.getByLabel('Reason').fill('The shop moves.');
    await page.getByLabel('For').selectOption('240');
    await page.getByRole('button', { name: 'Mute', exact: true }).click();
    await shows(page, 'Done.');
    await page.getByRole('button', { name: 'End it (the mute of tool sales_report)' }).click();
    await shows(page, 'Ended.');
    expect(sent).toEqual([
      {
        method: 'POST',
        path: '/v1/mutes',
        body: { kind: 'tool', name: 'order_status', minutes: 240, reason: 'The shop moves.' },
      },
      { method: 'DELETE', path: '/v1/mutes/toolwatch-mute-1', body: {} },
    ]);
    await page.close();
  });
});

describe('lists', () => {
  test('have their filter in the address, and go on where a page ends', async () => {
    const { page } = await openPage(pageSearch('calls'));
    await page.getByLabel('Tool').fill('order_status');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByLabel('Window').selectOption('1440');
    await expect.poll(() => page.url()).toBe(`${rig.url}/?view=calls&tool=order_status&minutes=1440`);
    const rows = page.locator('.rows tbody tr');
    await expect.poll(() => rows.count(), SLOW).toBe(50);
    await expect.poll(async () => new Set(await rows.locator('.name').allTextContents()).size, SLOW).toBe(1);
    const first = await rows.first().textContent();
    await page.getByRole('link', { name: 'Older ones' }).click();
    await expect.poll(() => rows.first().textContent(), SLOW).not.toBe(first);
    await page.goBack();
    await expect.poll(() => rows.first().textContent(), SLOW).toBe(first);
    await page.close();
  });

  test('say what is wrong with an address that somebody wrote', async () => {
    const { page } = await openPage(pageSearch('calls', { minutes: 'many' }));
    await page.locator('.problem').waitFor();
    await page.goto(`${rig.url}/?view=incident`);
    await page.getByRole('heading', { name: 'No incident is named in this address' }).waitFor();
    await page.goto(`${rig.url}/?view=nothing`);
    await page.getByRole('heading', { name: 'There is no such view' }).waitFor();
    await page.goto(`${rig.url}/${pageSearch('incident', { id: 'nobody knows it' })}`);
    await page.locator('.problem').waitFor();
    await page.close();
  });
});

test('a clock that is a day off makes nothing stale', async () => {
  const page = await browser.newPage();
  await page.clock.setSystemTime(Date.now() + DAY_MS);
  await page.goto(`${rig.url}/?refresh=1`);
  await page.locator('tr.tool').first().waitFor();
  const freshness = page.locator('.freshness');
  await expect.poll(() => freshness.textContent(), SLOW).toMatch(/^Refreshed \d+ (s|min) ago\.$/);
  await page.close();
});

test('the figures stay, without a flicker, when the api is gone while the page is open', async () => {
  const page = await browser.newPage();
  await page.goto(`${rig.url}/?refresh=1`);
  await page.locator('tr.tool').first().waitFor();
  await page.evaluate(() => {
    const seen = globalThis as unknown as { counts: number[]; document: Document };
    seen.counts = [];
    new MutationObserver(() => seen.counts.push(document.querySelectorAll('tr.tool').length)).observe(document.body, {
      childList: true,
      subtree: true,
    });
  });
  await page.route('**/v1/**', (route) => route.abort());
  await shows(page, 'The server does not answer. The figures below are the last ones received.');
  const counts = await page.evaluate(() => (globalThis as unknown as { counts: number[] }).counts);
  expect(Math.min(...counts, 99)).toBeGreaterThan(0);
  await page.unroute('**/v1/**');
  await expect.poll(() => page.locator('.freshness.problem').count(), SLOW).toBe(0);
  await page.close();
});

describe('what callers and errors write', async () => {
  const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
  const text = { error_type: hostile, error_message: hostile, client_name: hostile, user_id: hostile };
  const calls = Array.from({ length: 30 }, () =>
    anInvocation({
      ...text,
      name: '<img-src=x>',
      version: hostile,
      session_id: hostile,
      correlation_id: hostile,
      success: false,
      error_fingerprint: 'eeeeeeeeeeeeeeee',
      fault: 'dependency',
      provider: hostile,
      metadata: { note: hostile },
    }),
  );
  const of = (kind: 'webhook' | 'rule') =>
    anInvocation({
      ...text,
      kind,
      name: hostile,
      success: false,
      fault: 'ours',
      metadata: { url: hostile, rule_name: hostile },
    });
  const wild = await pageRig([...calls, of('webhook'), of('rule')], async (database) => {
    await database.rows(
      `insert into analytics.deployments (version, environment, migrations) values ($1, $1, array[$1])`,
      [hostile],
    );
  });

  test('is text wherever it is shown', async () => {
    const [row] = await wild.database.rows<{ group_id: string }>(
      "select group_id from rollup.error_groups where kind = 'tool' limit 1",
    );
    const page = await browser.newPage();
    for (const view of PAGE_VIEWS) {
      const id = { error: row?.group_id, call: calls[0]?.event_id, sessions: hostile }[view as string];
      await page.goto(`${wild.url}/${pageSearch(view, { name: '<img-src=x>', id, minutes: undefined })}`);
      await expect.poll(async () => [view, await page.locator('.loading').count()], SLOW).toEqual([view, 0]);
      expect([view, await page.locator('img, body script[src], iframe').count()]).toEqual([view, 0]);
      expect([view, await page.title()]).not.toEqual([view, expect.stringMatching(/^[12]$/)]);
    }
    await page.close();
  });
});
