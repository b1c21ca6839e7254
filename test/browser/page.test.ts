import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { anInvocation } from '../support/an-invocation.ts';
import { startBrowser } from '../support/browser.ts';
import { pageRig } from '../support/page-rig.ts';

const manyCalls = (count: number, given: Parameters<typeof anInvocation>[0]) =>
  Array.from({ length: count }, () => anInvocation(given));

const ACTIVE = [
  ...manyCalls(40, { name: 'place_order', duration_ms: 35 }),
  ...manyCalls(30, { name: 'order_status', duration_ms: 80 }),
  ...manyCalls(20, {
    name: 'order_status',
    success: false,
    error_message: 'shop answered 503',
    correlation_id: 'request-42',
  }),
  ...manyCalls(2_500, { name: 'rarely_failing', duration_ms: 12 }),
  ...manyCalls(1, { name: 'rarely_failing', fault: 'ours' }),
  ...manyCalls(30, { name: 'regex_search', error_code: 'INVALID_INPUT', fault: 'caller' }),
];

const open = async (browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Page> => {
  const page = await browser.newPage(options);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  await page.goto(url);
  await page.locator('.tools, .empty, .problem').first().waitFor();
  expect(problems).toEqual([]);
  return page;
};

const browser = await startBrowser();

describe('the page, with calls of which some fail', async () => {
  const rig = await pageRig(ACTIVE);

  test('the failing tool comes first, with its failure rate, the reason and whose fault it is', async () => {
    const page = await open(browser, rig.url);
    expect(await page.locator('.headline').textContent()).toBe('1 tool failing');
    const first = page.locator('tr.tool').first();
    expect(await first.locator('.name').textContent()).toBe('order_status');
    const text = (await first.textContent()) ?? '';
    for (const part of ['failing', '20 of 50 calls fail', '40 %', 'UPSTREAM_ERROR', 'a dependency’s fault'])
      expect(text).toContain(part);
    expect(await page.title()).toBe('1 tool failing · Toolwatch');
    await page.close();
  });

  test('a tool with failures that are the callers’ fault is not shown as failing', async () => {
    const page = await open(browser, rig.url);
    const row = page.locator('tr.tool', { hasText: 'regex_search' });
    expect(await row.getAttribute('class')).toContain('healthy');
    expect(await row.textContent()).toContain('the caller’s fault');
    await page.close();
  });

  test('the keyboard opens a tool and goes back, and its latest failures lead to their calls', async () => {
    const page = await open(browser, rig.url);
    await page.getByRole('link', { name: 'order_status' }).last().focus();
    await page.keyboard.press('Enter');
    const failures = page.getByRole('table', { name: 'Latest failures of order_status' });
    await failures.waitFor();
    expect(await failures.locator('tbody tr').count()).toBe(10);
    expect(await failures.locator('tbody tr').first().textContent()).toContain('shop answered 503');
    expect(await failures.locator('.id').first().textContent()).toBe('request-42');
    expect(page.url()).toBe(`${rig.url}/?view=tool&name=order_status`);
    await page.goBack();
    await page.locator('tr.tool').first().waitFor();
    await page.close();
  });

  test('a chart’s title counts the calls and the failed ones', async () => {
    const page = await open(browser, rig.url);
    const titles = page.locator('tr.tool').first().locator('svg title');
    await expect.poll(() => titles.textContent()).toBe('The last 3 hours: 50 calls, 20 failed');
    await page.close();
  });

  test.each([320, 375, 820])('at a width of %d a row has one colour from edge to edge', async (width) => {
    const page = await open(browser, rig.url, { viewport: { width, height: 900 } });
    const colours = await page
      .locator('tr.tool.critical')
      .first()
      .evaluate((row) => {
        row.scrollIntoView();
        const { left, top, right, bottom } = row.getBoundingClientRect();
        const found = new Set<string>();
        const colourOf = (element: Element | null): string => {
          const colour = element ? getComputedStyle(element).backgroundColor : '';
          return element && colour === 'rgba(0, 0, 0, 0)' ? colourOf(element.parentElement) : colour;
        };
        for (let x = left + 6; x < right - 4; x += 10)
          for (let y = top + 4; y < bottom - 4; y += 5) found.add(colourOf(document.elementFromPoint(x, y)));
        return [...found];
      });
    expect(colours).toEqual(['rgb(253, 240, 238)']);
    await page.close();
  });

  test('a few failures among many calls are not shown as none', async () => {
    const page = await open(browser, rig.url);
    const failed = page.locator('tr.tool', { hasText: 'rarely_failing' }).locator('[data-label=failed]');
    expect(await failed.textContent()).toBe('<0.1 %');
    await page.close();
  });

  test('the page follows the dark colour scheme', async () => {
    const page = await open(browser, rig.url, { colorScheme: 'dark' });
    const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(background).toBe('rgb(19, 20, 22)');
    await page.close();
  });

  test('a local run shows what people were sent, except the first OK of an alarm', async () => {
    const page = await browser.newPage();
    const sent = {
      at: new Date().toISOString(),
      protocol: 'email',
      endpoint: 'oncall@example.com',
      outcome: 'delivered',
    };
    const first = { OldStateValue: 'INSUFFICIENT_DATA', NewStateValue: 'OK' };
    await page.route('**/local/state', (route) =>
      route.fulfill({
        json: {
          deliveries: [
            { ...sent, subject: 'order_status fails', message: 'order_status fails: 20 of 50 calls' },
            { ...sent, subject: 'OK: "tool/place_order/failing"', message: first },
          ],
        },
      }),
    );
    await page.goto(`${rig.url}/?view=channels`);
    const letters = page.locator('details');
    await letters.first().waitFor();
    expect(await letters.count()).toBe(1);
    expect(await letters.textContent()).toContain('delivered to oncall@example.com');
    await page.close();
  });

  test('a local run with stand-ins for channels shows the newest messages of each as text', async () => {
    const page = await browser.newPage();
    const message = (title: string, more: object = {}) => ({ title, lines: ['Fault: ours'], buttons: [], ...more });
    const hostile = '<img src=x onerror=alert(1)> fails';
    await page.route('**/local/state', (route) =>
      route.fulfill({
        json: {
          deliveries: [],
          channels: [
            { channel: 'teams', messages: [] },
            {
              channel: 'slack-bot',
              messages: [
                message('the oldest'),
                message(hostile, { colour: '#d92d20', buttons: [{ title: 'Runbook', url: 'https://example.com/' }] }),
                message('a warning', { colour: '#f79009' }),
                message('place_order was failing', { colour: '#12b76a', mark: 'edited' }),
              ],
            },
          ],
        },
      }),
    );
    await page.goto(`${rig.url}/?view=channels`);
    const boards = page.locator('.board');
    await boards.first().waitFor();
    expect(await boards.nth(0).textContent()).toBe('Microsoft TeamsNo message yet.');
    const shown = boards.nth(1).locator('.message-card');
    expect(await shown.locator('.title').allTextContents()).toEqual([
      'place_order was failing edited',
      'a warning',
      hostile,
    ]);
    const tones = await shown.evaluateAll((cards) => cards.map((card) => (card as { className: string }).className));
    expect(tones).toEqual(['message-card healthy', 'message-card warning', 'message-card critical']);
    expect(await boards.locator('a').getAttribute('href')).toBe('https://example.com/');
    expect(await boards.locator('img').count()).toBe(0);
    await page.close();
  });
});

describe('the page, where the issuer of somebody else has no client for it', async () => {
  const rig = await pageRig(ACTIVE);

  test('it asks for a token, reports a wrong one, and shows everything with the right one', async () => {
    const page = await browser.newPage();
    const rightToken = 'Bearer the-right-token';
    await page.route(`${rig.url}/`, async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        body: (await response.text()).replace('"&quot;none&quot;"', '"&quot;token&quot;"'),
      });
    });
    await page.route('**/v1/**', (route) =>
      route.request().headers().authorization === rightToken
        ? route.continue()
        : route.fulfill({ status: 401, json: { message: 'Unauthorized' } }),
    );
    await page.goto(rig.url);
    const token = page.getByLabel('token');
    await token.fill('a-wrong-token');
    await page.keyboard.press('Enter');
    await page.locator('.freshness.problem', { hasText: 'does not accept this token' }).waitFor();
    expect(await page.locator('tr.tool').count()).toBe(0);
    await token.fill('the-right-token');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.locator('tr.tool').first().waitFor();
    expect(await token.count()).toBe(0);
    await page.reload();
    await page.locator('tr.tool').first().waitFor();
    await page.close();
  });
});

describe('the page, without the store', async () => {
  const rig = await pageRig(ACTIVE);

  test('when the store stops answering, the last figures remain and the problem is shown', async () => {
    const page = await open(browser, `${rig.url}/?refresh=1`);
    rig.breakStore();
    const problem = page.locator('.freshness.problem');
    await problem.waitFor();
    expect(await problem.textContent()).toContain('The store does not answer');
    expect(await page.locator('tr.tool').count()).toBeGreaterThan(0);
    await page.close();
  });
});

describe('the page, before the first call', async () => {
  const rig = await pageRig([]);

  test('it explains how to make one', async () => {
    const page = await open(browser, rig.url);
    expect(await page.locator('.empty').textContent()).toContain(`${rig.url}/mcp`);
    await page.close();
  });
});
