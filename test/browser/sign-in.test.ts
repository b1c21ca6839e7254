import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { pageSearch } from '../../lambdas/contract/page-address.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { startBrowser } from '../support/browser.ts';
import { OPERATOR_EMAIL, READER_EMAIL, READER_TENANT, signInRig } from '../support/sign-in-rig.ts';

const browser = await startBrowser();
const CALLS = Array.from({ length: 30 }, () => anInvocation({ name: 'order_status', duration_ms: 80 }));

/** A browser without a session at the issuer, at an address. `problems` are what its console reports. */
const open = async (address: string) => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) problems.push(message.text());
  });
  await page.goto(address);
  return { page, problems, close: () => context.close() };
};

const signIn = async (page: Page, email = OPERATOR_EMAIL): Promise<void> => {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: email }).click();
  await page.locator('.tools').waitFor();
};

const statusOf = (page: Page) => page.getByRole('status').textContent();
const tokenRequests = (page: Page): string[] => {
  const grants: string[] = [];
  page.on('request', (request) => {
    if (!request.url().endsWith('/oauth2/token')) return;
    grants.push(new URLSearchParams(request.postData() ?? '').get('grant_type') ?? '');
  });
  return grants;
};
const sessionIn = (page: Page) =>
  page.evaluate(() => JSON.parse(sessionStorage.getItem('toolwatch-session') ?? 'null'));

describe('a person', async () => {
  const rig = await signInRig(CALLS);

  test('sees nothing, signs in, and is back at the address they wanted, without a code in it', async () => {
    const { page, problems, close } = await open(`${rig.url}/?callers=hide&refresh=1#top`);
    expect(await statusOf(page)).toBe('You are signed out.');
    expect(await page.locator('#page').textContent()).not.toContain('order_status');
    await signIn(page);
    expect(page.url()).toBe(`${rig.url}/?callers=hide&refresh=1#top`);
    expect(await page.locator('.signed-in').textContent()).toContain(OPERATOR_EMAIL);
    expect(await page.locator('tr.tool .name').first().textContent()).toBe('order_status');
    expect(problems).toEqual([]);
    await close();
  });

  test('goes on after a reload, and in no other tab', async () => {
    const { page, close } = await open(rig.url);
    await signIn(page, READER_EMAIL);
    await page.reload();
    await page.locator('.tools').waitFor();
    const other = await page.context().newPage();
    await other.goto(rig.url);
    expect(await statusOf(other)).toBe('You are signed out.');
    await close();
  });

  test('goes on without noticing when a token is about to end, with a new refresh token', async () => {
    const { page, problems, close } = await open(`${rig.url}/?refresh=1`);
    await signIn(page);
    const before = await sessionIn(page);
    const grants = tokenRequests(page);
    // As if the token had been issued fourteen and a half minutes ago.
    await page.evaluate(() => {
      const session = JSON.parse(sessionStorage.getItem('toolwatch-session') ?? '{}');
      sessionStorage.setItem('toolwatch-session', JSON.stringify({ ...session, expires_at: Date.now() + 30_000 }));
    });
    await expect.poll(async () => (await sessionIn(page)).access_token).not.toBe(before.access_token);
    expect((await sessionIn(page)).refresh_token).not.toBe(before.refresh_token);
    expect(grants).toEqual(['refresh_token']);
    expect(await page.locator('.tools').count()).toBe(1);
    expect(problems).toEqual([]);
    await close();
  });

  test('goes on when a token is refused although its time has not come', async () => {
    const { page, close } = await open(`${rig.url}/?refresh=1`);
    await signIn(page);
    const before = await sessionIn(page);
    const grants = tokenRequests(page);
    rig.advance(20);
    await expect.poll(async () => (await sessionIn(page)).access_token).not.toBe(before.access_token);
    expect(grants).toEqual(['refresh_token']);
    expect(await page.locator('.freshness').textContent()).toContain('Refreshed');
    await close();
  });

  test('sees when the day is over, and signs in again', async () => {
    const { page, close } = await open(`${rig.url}/?refresh=1`);
    await signIn(page);
    rig.advance(13 * 60);
    await page.getByRole('status').getByText('Your sign-in has ended. Sign in again.').waitFor();
    expect(await sessionIn(page)).toBeNull();
    await signIn(page);
    await close();
  });

  test('signs out here and at the issuer: no token is accepted any more, and a password would be asked for', async () => {
    const { page, close } = await open(`${rig.url}/?refresh=1`);
    await signIn(page);
    const { refresh_token } = await sessionIn(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    expect(page.url()).toBe(`${rig.url}/`);
    expect(await sessionIn(page)).toBeNull();
    expect(await page.locator('.tools').count()).toBe(0);
    const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: rig.clientId });
    const discovered = await (await fetch(`${rig.issuer}/.well-known/openid-configuration`)).json();
    const refused = await fetch(discovered.token_endpoint, { method: 'POST', body: form });
    expect([refused.status, await refused.json()]).toEqual([400, { error: 'invalid_grant' }]);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: OPERATOR_EMAIL }).waitFor();
    await close();
  });

  test.each([
    ['that did not begin here', '/?code=stolen&state=forged'],
    ['that the issuer refused', '/?error=access_denied&state=forged'],
  ])('is not signed in by an answer %s', async (_, path) => {
    const { page, close } = await open(rig.url + path);
    expect(await statusOf(page)).toBe('This sign-in did not begin in this tab, so it was refused. Sign in again.');
    expect(page.url()).toBe(`${rig.url}/`);
    expect(await sessionIn(page)).toBeNull();
    await close();
  });

  test('is not signed in when the answer has another state than the request, nor by a second try', async () => {
    const { page, close } = await open(rig.url);
    const grants = tokenRequests(page);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: OPERATOR_EMAIL }).waitFor();
    await page.goto(`${rig.url}/?code=stolen&state=forged`);
    expect(await statusOf(page)).toContain('was refused');
    await page.goto(`${rig.url}/?code=stolen&state=forged`);
    expect(await statusOf(page)).toContain('was refused');
    expect(grants).toEqual([]);
    await close();
  });

  test('is led to no other site, whatever the address is that they came by', async () => {
    const { page, close } = await open(`${rig.url}/?return_to=https://evil.example//evil.example#//evil.example/`);
    await page.evaluate(() => {
      const begin = Storage.prototype.setItem;
      // Whoever could write what the page remembers would still lead nowhere.
      Storage.prototype.setItem = function setItem(key, value) {
        const forged =
          key === 'toolwatch-begun-sign-in' ? { ...JSON.parse(value), return_to: '/evil.example/' } : value;
        begin.call(this, key, typeof forged === 'string' ? forged : JSON.stringify(forged));
      };
    });
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: OPERATOR_EMAIL }).click();
    await page.locator('.tools, [role=status]').first().waitFor();
    expect(new URL(page.url()).origin).toBe(rig.url);
    await close();
  });
});

describe('a tenant', async () => {
  const failed = { name: 'order_status', success: false, error_message: 'the shop answered 503' };
  const rig = await signInRig(
    [
      ...Array.from({ length: 30 }, () => anInvocation({ tenant_id: READER_TENANT, name: 'order_status' })),
      ...Array.from({ length: 10 }, () => anInvocation({ tenant_id: READER_TENANT, ...failed })),
      ...Array.from({ length: 30 }, () => anInvocation({ tenant_id: 'globex', name: 'secret_plan' })),
    ],
    {},
    'on',
  );

  test('sees its own calls and no other’s, no alarms, and nothing that only the operator may do', async () => {
    const { page, problems, close } = await open(`${rig.url}/?refresh=3600`);
    await signIn(page, READER_EMAIL);
    await expect.poll(() => page.locator('.loading').count()).toBe(0);
    expect(await page.locator('tr.tool .name').allTextContents()).toEqual(['order_status']);
    const places = await page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents();
    expect(places).toEqual(['Now', 'Errors', 'Calls', 'Providers', 'Queues', 'Use', 'Deployments']);
    await page.getByText('You see no alarms here').waitFor();
    expect(await page.locator('.trouble').textContent()).toContain('order_status is failing');
    expect(await page.getByRole('link', { name: 'Mute' }).count()).toBe(0);
    expect(await page.locator('.problem').count()).toBe(0);

    await page.locator('tr.tool .name').click();
    await page.getByRole('table', { name: 'How order_status fails' }).getByRole('link').first().click();
    await page.getByRole('table', { name: 'Newest calls of this group' }).waitFor();
    await page.getByRole('heading', { name: 'the shop answered 503' }).waitFor();
    expect(await page.locator('form').count()).toBe(0);

    await page.goto(`${rig.url}/${pageSearch('calls', { minutes: 1_440 })}`);
    const rows = page.locator('.rows tbody tr');
    await expect.poll(() => rows.count()).toBe(40);
    await page.goto(`${rig.url}/${pageSearch('mutes')}`);
    await page.getByText('You may not see this.').waitFor();
    expect(await page.locator('form').count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });
});

test('the page says that an issuer does not answer, and goes on offering to sign in', async () => {
  const rig = await signInRig(CALLS, { issuer: 'http://localhost:9' });
  const { page, close } = await open(rig.url);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The issuer localhost:9 does not answer. Try again in a minute.').waitFor();
  expect(await page.getByRole('button', { name: 'Sign in' }).count()).toBe(1);
  await close();
});

test('the page does not wait for ever for an issuer that takes a request and never answers', async () => {
  const rig = await signInRig(CALLS, { issuer: 'http://localhost:9' });
  const { page, close } = await open(rig.url);
  await page.route('http://localhost:9/**', () => {});
  // As if the time that it waits were over.
  await page.evaluate(() => {
    AbortSignal.timeout = () => AbortSignal.abort(new DOMException('It took too long.', 'TimeoutError'));
  });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The issuer localhost:9 does not answer. Try again in a minute.').waitFor();
  await close();
});
