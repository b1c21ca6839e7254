import { describe, expect, test } from 'vitest';
import { checkPages } from '../../scenarios/check-pages.ts';
import type { Page } from '../../scenarios/run.ts';
import { scenario } from '../../scenarios/scenario.ts';
import { scoreOf } from '../../scenarios/score.ts';

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
const told = paged('tool/a/failing', 12);
const over = paged('tool/a/failing', 35, 'OK');

describe('a verdict', () => {
  test.each<[string, Page[], string[]]>([
    ['nobody was told', [], ['tool/*/failing did not page']],
    ['they were told too late', [paged('tool/a/failing', 21), over], ['tool/*/failing paged in minute 21, after 20']],
    ['they were told too soon', [paged('tool/a/failing', 9), over], ['tool/*/failing paged in minute 9, before 10']],
    ['it was never over', [told], ['tool/*/failing was not over by minute 40']],
    [
      'it was told twice',
      [told, paged('tool/a/failing', 20, 'OK'), paged('tool/a/failing', 25), over],
      ['tool/*/failing paged 2 times, not 1'],
    ],
    ['somebody else was told', [paged('pipeline/x', 3), told, over], ['pipeline/x paged in minute 3']],
    ['what is tolerated came too', [told, paged('fleet/failing/a', 15), over], []],
  ])('when %s', (_, pages, wrongs) => {
    expect(checkPages(scenario.parse(outage), pages).wrongs).toEqual(wrongs);
  });

  test('with forbidden alarms named forbids no others', () => {
    const one = scenario.parse({ ...outage, expected: [], forbidden: ['pipeline/*'] });
    expect(checkPages(one, [told]).wrongs).toEqual([]);
    expect(checkPages(one, [paged('pipeline/x', 3)]).wrongs).toEqual(['pipeline/x paged in minute 3']);
  });
});

const NONE = new Map<string, string>();

describe('a score', () => {
  const one = scenario.parse({
    title: 'a tool and the pipeline',
    minutes: 60,
    expected: [
      { alarm: 'tool/a/failing', from: 10, by: 20 },
      { alarm: 'tool/a/slow', from: 15, by: 20 },
      { alarm: 'pipeline/ingest-failing', from: 30, by: 40 },
    ],
    tolerated: ['fleet/failing/b'],
  });

  test('asks of other packs only that somebody is told about the right thing', () => {
    const pages = [paged('toolwatch-tool-a/duration', 14), paged('toolwatch-ingest/errors', 55)];
    expect(scoreOf(one, pages, NONE)).toEqual({ incidents: 2, delays: [4, 25], falsePages: 0 });
  });

  test('counts a page before anything is wrong, and one about something else', () => {
    const pages = [paged('toolwatch-tool-a/errors', 9), paged('toolwatch-tool-c/errors', 20)];
    expect(scoreOf(one, pages, NONE)).toEqual({ incidents: 2, delays: [], falsePages: 2 });
  });

  test('lets them do what ours may do', () => {
    expect(scoreOf(one, [paged('toolwatch-tool-b/errors', 20)], NONE).falsePages).toBe(0);
  });

  test('takes a page about a tool for one about its provider', () => {
    const down = scenario.parse({
      title: 'a service is down',
      minutes: 60,
      expected: [{ alarm: 'provider/shop/down', from: 10, by: 20 }],
    });
    const pages = [paged('toolwatch-tool-a/errors', 14), paged('toolwatch-tool-b/errors', 14)];
    expect(scoreOf(down, pages, new Map([['a', 'shop']]))).toEqual({ incidents: 1, delays: [4], falsePages: 1 });
  });
});
