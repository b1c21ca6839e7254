import { describe, expect, test } from 'vitest';
import { checkPages } from '../../scenarios/check-pages.ts';
import type { Page } from '../../scenarios/recipients.ts';
import { scenario } from '../../scenarios/scenario.ts';
import { scorePages } from '../../scenarios/score.ts';

const outage = {
  title: 'an outage',
  minutes: 60,
  expected: [{ alarm: 'tool/*/failing', from: 10, by: 20, over_by: 40, at_most: 1 }],
  tolerated: ['fleet/failing/*'],
};
const paged = (alarm: string, minute: number, state: Page['state'] = 'ALARM'): Page => ({
  alarm,
  minute,
  state,
  severity: 'critical',
});
const fired = paged('tool/a/failing', 12);
const over = paged('tool/a/failing', 35, 'OK');

describe('a scenario’s result', () => {
  test.each<[string, Page[], string[]]>([
    ['no alarm paged', [], ['tool/*/failing did not page']],
    ['an alarm paged too late', [paged('tool/a/failing', 21), over], ['tool/*/failing paged in minute 21, after 20']],
    ['an alarm paged too soon', [paged('tool/a/failing', 9), over], ['tool/*/failing paged in minute 9, before 10']],
    ['an alarm was never over', [fired], ['tool/*/failing was not over by minute 40']],
    [
      'an alarm paged twice',
      [fired, paged('tool/a/failing', 20, 'OK'), paged('tool/a/failing', 25), over],
      ['tool/*/failing paged 2 times, more than 1'],
    ],
    ['an unexpected alarm paged', [paged('pipeline/x', 3), fired, over], ['pipeline/x paged in minute 3']],
    ['a tolerated alarm paged as well', [fired, paged('fleet/failing/a', 15), over], []],
  ])('when %s', (_, pages, problems) => {
    expect(checkPages(scenario.parse(outage), pages).problems).toEqual(problems);
  });

  const problemsOf = (given: object, pages: Page[]): string[] =>
    checkPages(scenario.parse({ title: 't', minutes: 300, ...given }), pages).problems;

  test('is right when one of several alarms pages', () => {
    const expected = [{ alarm: ['tool/a/failing', 'provider/*/down'], from: 10, by: 20, at_most: 1 }];
    expect(problemsOf({ expected }, [paged('provider/shop/down', 12)])).toEqual([]);
    expect(problemsOf({ expected }, [fired])).toEqual([]);
    expect(problemsOf({ expected }, [])).toEqual(['tool/a/failing or provider/*/down did not page']);
    expect(problemsOf({ expected }, [fired, paged('provider/shop/down', 13)])).toEqual([
      'tool/a/failing or provider/*/down paged 2 times, more than 1',
    ]);
  });

  test('holds two incidents of one alarm apart', () => {
    const expected = [
      { alarm: 'tool/a/failing', from: 10, by: 20, over_by: 40, at_most: 1 },
      { alarm: 'tool/a/failing', from: 110, by: 120, over_by: 140, at_most: 1 },
    ];
    const again = [paged('tool/a/failing', 115), paged('tool/a/failing', 130, 'OK')];
    expect(problemsOf({ expected }, [fired, over, ...again])).toEqual([]);
    expect(problemsOf({ expected }, [fired, over])).toEqual(['tool/a/failing did not page']);
    expect(problemsOf({ expected }, [fired, over, paged('tool/a/failing', 60), ...again])).toEqual([
      'tool/a/failing paged 2 times, more than 1',
    ]);
  });

  test('is wrong when the page reaches others than it should', () => {
    const expected = [{ alarm: 'tool/a/failing', from: 10, by: 20, severity: 'warning' }];
    expect(problemsOf({ expected }, [fired])).toEqual(['tool/a/failing paged as critical, not as warning']);
  });

  test('is wrong when it is called over while it lasts', () => {
    const expected = [{ alarm: 'tool/a/failing', from: 10, by: 20, over_from: 60, over_by: 80 }];
    expect(
      problemsOf({ expected }, [fired, over, paged('tool/a/failing', 36), paged('tool/a/failing', 70, 'OK')]),
    ).toEqual(['tool/a/failing was over in minute 35, before 60']);
  });

  test('tolerates an alarm only in the time that the scenario names', () => {
    const tolerated = [{ alarm: 'pipeline/*', from: 10, until: 20 }];
    expect(problemsOf({ tolerated }, [paged('pipeline/x', 10), paged('pipeline/x', 19)])).toEqual([]);
    expect(problemsOf({ tolerated }, [paged('pipeline/x', 9), paged('pipeline/x', 20)])).toHaveLength(2);
  });

  test('is wrong when more pages are sent than may be, whatever they are about', () => {
    const given = { tolerated: ['tool/*/failing'], at_most_pages: 1 };
    expect(problemsOf(given, [fired, over])).toEqual([]);
    expect(problemsOf(given, [fired, paged('tool/b/failing', 14)])).toEqual(['2 pages were sent, more than 1']);
  });

  test('with `forbidden` alarms allows all others', () => {
    const named = scenario.parse({ ...outage, expected: [], forbidden: ['pipeline/*'] });
    expect(checkPages(named, [fired]).problems).toEqual([]);
    expect(checkPages(named, [paged('pipeline/x', 3)]).problems).toEqual(['pipeline/x paged in minute 3']);
  });
});

const NONE = new Map<string, string>();

describe('a score', () => {
  const failing = scenario.parse({
    title: 'a tool and the pipeline',
    minutes: 60,
    expected: [
      { alarm: 'tool/a/failing', from: 10, by: 20 },
      { alarm: 'tool/a/slow', from: 15, by: 20 },
      { alarm: 'pipeline/ingest-failing', from: 30, by: 40 },
    ],
    tolerated: ['tool/b/failing'],
  });

  test('counts a page about the right subject, whatever the alarm is called', () => {
    const pages = [paged('toolwatch-tool-a/duration', 14), paged('toolwatch-ingest/errors', 55)];
    expect(scorePages(failing, pages, NONE)).toEqual({ incidents: 2, delays: [4, 25], falsePages: 0 });
  });

  test('counts false pages: before anything is wrong, and about something else', () => {
    const pages = [paged('toolwatch-tool-a/errors', 9), paged('toolwatch-tool-c/errors', 20)];
    expect(scorePages(failing, pages, NONE)).toEqual({ incidents: 2, delays: [], falsePages: 2 });
  });

  test('counts no page that the scenario tolerates', () => {
    expect(scorePages(failing, [paged('toolwatch-tool-b/errors', 20)], NONE).falsePages).toBe(0);
  });

  test('counts two incidents where one alarm is expected twice', () => {
    const twice = scenario.parse({
      title: 't',
      minutes: 300,
      expected: [
        { alarm: 'tool/a/failing', from: 10, by: 20 },
        { alarm: 'tool/a/slow', from: 15, by: 30 },
        { alarm: 'tool/a/failing', from: 110, by: 120 },
      ],
    });
    const first = paged('tool/a/failing', 12);
    expect(scorePages(twice, [first, paged('tool/a/failing', 115)], NONE)).toMatchObject({
      incidents: 2,
      delays: [2, 5],
    });
    expect(scorePages(twice, [first], NONE)).toMatchObject({ incidents: 2, delays: [2] });
  });

  test('counts one incident where one of several alarms is expected, and what is tolerated for a time', () => {
    const either = scenario.parse({
      title: 't',
      minutes: 60,
      expected: [{ alarm: ['tool/a/failing', 'provider/shop/down'], from: 10, by: 20 }],
      tolerated: [{ alarm: 'tool/b/failing', from: 10, until: 20 }],
    });
    const pages = [paged('provider/shop/down', 12), paged('tool/b/failing', 15), paged('tool/b/failing', 25)];
    expect(scorePages(either, pages, NONE)).toEqual({ incidents: 1, delays: [2], falsePages: 1 });
  });

  test('counts a page about a tool for the incident of its provider', () => {
    const down = scenario.parse({
      title: 'a service is down',
      minutes: 60,
      expected: [{ alarm: 'provider/shop/down', from: 10, by: 20 }],
    });
    const pages = [paged('toolwatch-tool-a/errors', 14), paged('toolwatch-tool-b/errors', 14)];
    expect(scorePages(down, pages, new Map([['a', 'shop']]))).toEqual({ incidents: 1, delays: [4], falsePages: 1 });
  });
});
