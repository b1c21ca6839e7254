import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readSettings } from '../../lib/settings.ts';
import { alarmStacks } from '../../local/alarm-stacks.ts';
import { type Scenario, scenario } from '../../local/scenario.ts';
import { judgePages, type Page, pagesOf } from '../../local/scenario-run.ts';
import type { Stack } from '../../local/template.ts';
import { root } from '../support/source-files.ts';

const folder = join(root, 'test/local/scenarios');
const files = readdirSync(folder);
const read = (file: string): Scenario => scenario.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));

describe('the template’s own alarms', () => {
  let stacks: Stack[];
  beforeAll(() => {
    stacks = alarmStacks(readSettings(join(root, 'cdk.json')));
  });

  test.each(files)('page whom they must and nobody else: %s', async (file) => {
    const one = read(file);
    expect(judgePages(one, await pagesOf(one, stacks)).wrongs).toEqual([]);
  });

  test('are held to forty scenarios and more', () => {
    expect(files.length).toBeGreaterThanOrEqual(40);
  });
});

describe('a verdict', () => {
  const one = scenario.parse({
    title: 'an outage',
    minutes: 60,
    expected: [{ alarm: 'tool/*/failing', from: 10, by: 20, over_by: 40 }],
    tolerated: ['fleet/failing'],
  });
  const paged = (alarm: string, minute: number, state: Page['state'] = 'ALARM'): Page => ({ alarm, minute, state });
  const over = paged('tool/a/failing', 35, 'OK');

  test.each([
    ['nobody was told', [], ['tool/*/failing did not page', 'tool/*/failing was not over by minute 40']],
    ['they were told too late', [paged('tool/a/failing', 21), over], ['tool/*/failing paged in minute 21, after 20']],
    [
      'they were told before it began',
      [paged('tool/a/failing', 9), over],
      ['tool/*/failing paged in minute 9, before 10'],
    ],
    ['it was never over', [paged('tool/a/failing', 12)], ['tool/*/failing was not over by minute 40']],
    [
      'somebody else was told',
      [paged('tool/a/failing', 12), over, paged('pipeline/x', 3)],
      ['pipeline/x paged in minute 3'],
    ],
    ['what is tolerated came too', [paged('tool/a/failing', 12), over, paged('fleet/failing', 15)], []],
  ])('when %s', (_, pages, wrongs) => {
    expect(judgePages(one, pages).wrongs).toEqual(wrongs);
  });
});
