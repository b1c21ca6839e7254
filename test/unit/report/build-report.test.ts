import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { noticeSchema } from '../../../lambdas/contract/notice.ts';
import { weekReportNotice } from '../../../lambdas/contract/notices/week-report-notice.ts';
import { describeWeek } from '../../../lambdas/monitoring/describe-week.ts';
import { formatEmail } from '../../../lambdas/notify/publish/email.ts';
import { anEmptyWeek, anyWeek, aReport, aReportNotice, aWeek } from '../../support/a-week.ts';
import { askReceiver, createChannelRig, kindNames } from '../../support/channel-rig.ts';

const linesOf = (...args: Parameters<typeof aWeek>) => describeWeek(aWeek(...args)).lines;

describe('the report of a week', () => {
  test('as it is mailed', () => {
    const { subject, text } = formatEmail(aReportNotice());
    expect(`${subject}\n\n${text}`).toMatchInlineSnapshot(`
      "Week of 23-29 Nov 2026: 12,345 calls of 9 tools, 123 failed (1.0 %)

      Week of 23–29 Nov 2026: 12,345 calls of 9 tools, 123 failed (1.0 %)

      Pages: 3 (1 needed nothing: over by itself within 15 min). Warnings: 5.
      Longest: place_order was failing 24 Nov 22:14–23:46 UTC (92 min).
      Failed most: place_order 12 % of 800, sales_report 1.4 % of 1,200, order_status 0.2 % of 4,100.
      Failed least: search_products 0 % of 4,000, regex_search 0 % of 950, csv_profile 0 % of 310.
      Monitoring off: Nobody has confirmed a subscription of the topic of critical alarms (self-check of 30 Nov 07:40 UTC).
      Muted now: tool sales_report. Not sent because of mutes: 12 of tool sales_report.
      Drill of 24 Nov: it arrived on all 3 ways. Nobody has said that it was seen in: flow.
      Calls cost 41.50 dollars. Deployments: 4.

      Page: https://tools.example.com/

      info · prod · account 123456789012 · eu-central-1"
    `);
  });

  test('of an empty store says that nothing was called, and what nobody knows yet', () => {
    expect(formatEmail(aReportNotice(anEmptyWeek())).text).toMatchInlineSnapshot(`
      "Week of 23–29 Nov 2026: no calls

      Pages: none. Warnings: none.
      Monitoring: there was no self-check yet, so nobody knows whether something of it is off.
      Muted now: nothing.
      Drill: there was none yet.
      Deployments: 1.

      Page: https://tools.example.com/

      info · prod · account 123456789012 · eu-central-1"
    `);
  });

  test.each([
    ['2026-11-30', '2026-12-07', '30 Nov–6 Dec 2026'],
    ['2026-12-28', '2027-01-04', '28 Dec 2026–3 Jan 2027'],
    ['2026-03-02', '2026-03-09', '2–8 Mar 2026'],
  ])('from %s until %s is that of %s', (from, until, days) => {
    const week = aWeek({ from: `${from}T00:00:00.000Z`, until: `${until}T00:00:00.000Z` });
    expect(describeWeek(week).title).toContain(`Week of ${days}: `);
  });

  test('names no tool among the best that is among the worst', () => {
    const [tool] = aWeek().week.worst;
    const lines = linesOf({ worst: tool ? [tool] : [], best: tool ? [tool] : [] });
    expect(lines.filter((line) => line.includes('place_order 12 %'))).toHaveLength(1);
    expect(linesOf({ worst: [], best: [] })).toContain('No tool had 20 calls, so none is among the worst or the best.');
  });

  test('says that a page needed nothing only where that is so', () => {
    expect(linesOf({ pages: 0 })[0]).toBe('Pages: none. Warnings: 5.');
    expect(linesOf({ pages: 2, pages_without_need: 0, warnings: 0 })[0]).toBe(
      'Pages: 2 (none was over by itself within 15 min). Warnings: none.',
    );
  });

  test('says on which ways the drill did not arrive', () => {
    const ways = [{ way: 'channel chat', severity: 'critical', level: 'missing' } as const];
    const lines = linesOf({}, { drill: { started_at: '2026-11-24T10:00:00.000Z', ways } });
    expect(lines).toContain('Drill of 24 Nov: it did not arrive on channel chat.');
  });

  test('fits into the queue and a notice, whatever names and titles callers have made', () => {
    fc.assert(
      fc.property(anyWeek, (week) => {
        expect(weekReportNotice.parse(JSON.parse(JSON.stringify(aReport(week))))).toEqual(aReport(week));
        const notice = aReportNotice(week);
        expect(noticeSchema.parse(notice)).toEqual(notice);
        expect(JSON.stringify([notice.title, notice.lines])).not.toMatch(/:\/\//);
        expect(formatEmail(notice).subject).toMatch(/^[!-~][ -~]{0,98}$/);
      }),
    );
  });

  test.each(kindNames)('fits into a channel of kind %s, and into no pager', async (name) => {
    await fc.assert(
      fc.asyncProperty(anyWeek, async (week) => {
        const { channel, receiver } = await createChannelRig(name);
        const request = channel.buildRequest(aReportNotice(week), { form: 'rich', now: Date.now() });
        expect(request === undefined).toBe(name === 'pagerduty' || name === 'jsm');
        if (!request) return;
        const { kind } = channel.readAnswer(await askReceiver(receiver, request), Date.now());
        expect(['posted', 'accepted']).toContain(kind);
      }),
      { numRuns: 20 },
    );
  });
});
