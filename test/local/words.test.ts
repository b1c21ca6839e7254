import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresFolderOf } from '../../local/folder.ts';
import { editTemplate } from '../../local/template-edits.ts';
import { findChromium, launchBrowser } from '../support/browser.ts';
import { type LocalRun, startLocalRun } from '../support/local-run.ts';
import { shortenWindows } from '../support/notifier.ts';
import { invoke } from '../support/through-cloud.ts';

/** What people read of a real fault, with what the store knows, and without it. */
/** The first user of a local run, who is an operator. */
const OPERATOR = 'oncall@example.com';
const CHROMIUM = findChromium();
let local: LocalRun;
let client: Awaited<ReturnType<LocalRun['client']>>;
beforeAll(async () => {
  local = await startLocalRun({ change: (stacks) => editTemplate(stacks, shortenWindows) });
  client = await local.client();
});
afterAll(async () => {
  await client?.close();
  await local?.stop();
});

/** The text of the first mail whose subject has this. */
const mailAbout = (text: RegExp): string | undefined => {
  const mail = local.events.deliveries.find(
    ({ protocol, subject, outcome }) => protocol === 'email' && outcome === 'delivered' && text.test(subject),
  );
  return mail && `${mail.subject}\n${mail.message}`;
};
/** The mail after another run of the notifier, as its schedule starts one each minute. */
const mailAfterRun = async (text: RegExp): Promise<string | undefined> => {
  await invoke(local.cloud, 'notify');
  return mailAbout(text);
};
/** Calls the tool so many times, a few at once: on a busy machine more would take longer than a call may. */
const callTool = async (times: number): Promise<void> => {
  for (let left = times; left > 0; left -= 2)
    await Promise.all(
      [1, 2].map(() => client.callTool({ name: 'place_order', arguments: { sku: 'LAM-108', quantity: 1 } })),
    );
};
const failuresOf = async (tool: string): Promise<number> => {
  const rows = await local.rows(
    "select count(*)::integer as failed from analytics.invocations where name = $1 and not success and fault <> 'caller'",
    [tool],
  );
  return Number(rows[0]?.failed);
};

describe('a provider that fails', () => {
  test('is reported with the right counts, the leading failure and an example, and is written down', async () => {
    await callTool(4);
    await fetch(local.shopControlUrl, { method: 'POST', body: JSON.stringify({ path: '/orders', effect: 'fail' }) });
    await callTool(30);
    await expect.poll(() => failuresOf('place_order')).toBe(30);
    // Two windows of a minute must have failed.
    const fire = async () => {
      for (const minutes of [0, 1]) local.evaluateAfter(minutes);
      if (local.alarmState('tool/place_order/failing') === 'ALARM') return true;
      await callTool(6);
      return false;
    };
    await expect.poll(fire, { timeout: 150_000, interval: 5_000 }).toBe(true);
    await expect.poll(() => mailAfterRun(/place_order/)).toBeDefined();
    const mail = mailAbout(/place_order/) ?? '';
    const [, bad, calls] = /place_order fails: (\d+) of (\d+) calls/.exec(mail) ?? [];
    expect(Number(bad)).toBe(await failuresOf('place_order'));
    expect(Number(calls)).toBeGreaterThanOrEqual(Number(bad));
    expect(mail).toMatch(/\nFault: shop, an outside service.*UPSTREAM_ERROR/);
    expect(mail).toMatch(
      /\nMost often \(\d+ of \d+\): UPSTREAM_ERROR .*Example: correlation id [\w-]+, trace [0-9a-f]{32}\./,
    );
    expect(mail).toMatch(/\nChanged: version \S+ was deployed (in the same minute|\d+ (s|min) before it began)/);
    expect(mail).toMatch(/\nDo: Check the provider's status page/);
    const [, correlationId] = /correlation id ([\w-]+)/.exec(mail) ?? [];
    const example = await local.rows('select success from analytics.invocations where correlation_id = $1', [
      correlationId,
    ]);
    expect(example).toEqual([{ success: false }]);
    await expect
      .poll(() => local.rows("select cause, kind, title from ops.incident_messages where cause = 'tool/place_order'"))
      .toEqual([expect.objectContaining({ kind: 'opened', title: mail.split('\n')[1] })]);
  }, 400_000);
});

describe.skipIf(CHROMIUM === undefined)('the link of the message', () => {
  test('leads a person in at most three clicks to what is at fault, and to a call of it', async () => {
    const mail = mailAbout(/place_order/) ?? '';
    const link = new URL(/https:\/\/\S+\?view=incident\S+/.exec(mail)?.[0] ?? '');
    // Groups of failures are counted by each refresh.
    await local.refresh();
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      // The address of the deployment is not on this machine.
      await page.goto(`${local.dashboardUrl}/${link.search}`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('button', { name: OPERATOR }).click();
      await page
        .getByRole('table', { name: /^How calls of .* failed$/ })
        .getByRole('link')
        .first()
        .click();
      await page.getByText('Outside service').first().waitFor();
      expect(await page.locator('.facts').textContent()).toMatch(/a dependency’s fault.*UPSTREAM_ERROR.*shop/);
      await page.getByRole('table', { name: 'Newest calls of this group' }).getByRole('link').first().click();
      await page.getByRole('heading', { name: 'place_order failed' }).waitFor();
      // What only the function operate answers is at the same address.
      await page.getByRole('link', { name: 'Incidents' }).click();
      await page.getByRole('link', { name: 'Mutes' }).click();
      await page.getByText('Nothing is muted.').waitFor();
      await page.getByRole('link', { name: 'Now' }).click();
      await page.locator('.trouble', { hasText: 'Who was notified' }).first().waitFor();
      expect(await page.locator('.trouble').first().textContent()).toMatch(/Check the (provider|service)/);
    } finally {
      await browser.close();
    }
  });
});

describe('with PostgreSQL stopped', () => {
  test('the message arrives in its plain form, and the log says why', async () => {
    const [pid] = readFileSync(join(postgresFolderOf(local.folder), 'postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGINT');
    const dimensions = { FunctionName: 'toolwatch-ingest' };
    local.cloud.metrics.put({ namespace: 'AWS/Lambda', name: 'DestinationDeliveryFailures', dimensions }, 1);
    local.evaluateAfter(1);
    await expect.poll(() => mailAfterRun(/Calls are lost to the store/), { timeout: 60_000 }).toBeDefined();
    const mail = mailAbout(/Calls are lost to the store/) ?? '';
    expect(mail).toContain('Without figures, changes and earlier incidents, because the store did not answer in time.');
    const log = local.cloud.logs.read('/toolwatch/notify').map(({ message }) => message);
    expect(log.some((line) => line.includes('The store did not say what it knows'))).toBe(true);
    await expect.poll(() => local.cloud.metrics.find('Toolwatch', 'facts_missing').length).toBeGreaterThan(0);
  });
});
