import { describe, expect, test } from 'vitest';
import { headingOf } from '../../../lambdas/contract/runbook.ts';
import { readRunbookHeadings } from '../../../lib/alarm-audit.ts';
import { readRunbookAdvice } from '../../../lib/alarms/runbook-advice.ts';
import { read } from '../../support/source-files.ts';

const entry = (heading: string, text: string) => `### ${heading}\n\n**Means** It fires.\n\n${text}\n\n`;
const adviceIn = (...entries: string[]) => readRunbookAdvice(`# Runbook\n\n## Tools\n\n${entries.join('')}`);

/** What the contributors of an alarm over many are about. */
const FAMILIES: Record<string, string[]> = {
  tools: ['tool/order_status', 'webhook/orders'],
  rules: ['alert-rule/orders-fail'],
  hooks: ['hook/shop'],
};

test('every name of an alarm leads to its heading: that of one tool, of a contributor, and that of the alarm over all', () => {
  for (const heading of readRunbookHeadings(read('docs/runbook.md'))) {
    const [, group, condition] = /^(tools|rules|hooks(?=\/refused$))\/([^/]+)$/.exec(heading) ?? [];
    const contributors = (FAMILIES[group ?? ''] ?? []).map((subject) => `${subject}/${condition}`);
    const named = heading.replace('*', 'order_status');
    for (const name of [named, ...contributors, ...(group ? [`${heading}/order_status`] : [])])
      expect(headingOf(name), name).toBe(heading);
  }
});

describe('what a message repeats of the runbook', () => {
  test('is the first sentence of what to do, as plain text', () => {
    expect(adviceIn(entry('pipeline/a', '**Do** Deploy `x` again,\nsee [the other](#b). Then wait.'))).toEqual({
      'pipeline/a': { sentence: 'Deploy x again, see the other.' },
    });
  });

  test('is one sentence for each fault where the entry has them', () => {
    const text = '**Do** *Dependency*: check its page. *Ours*: go back. *Platform*: raise `memoryMb`.';
    expect(adviceIn(entry('tool/*/failing', text))['tool/*/failing']).toEqual({
      sentence: 'Dependency: check its page. Ours: go back. Platform: raise memoryMb.',
      byFault: { dependency: 'Check its page.', ours: 'Go back.', platform: 'Raise memoryMb.' },
    });
  });

  test('is what the entry says that it refers to, and never goes round in a circle', () => {
    const advice = adviceIn(
      entry('pipeline/a', '**Look, do** As for pipeline/b, at once.'),
      entry('pipeline/b', '**Do** Wait.'),
      entry('pipeline/c', '**Do** As for pipeline/d.'),
      entry('pipeline/d', '**Do** As for pipeline/c.'),
    );
    expect(advice['pipeline/a']).toEqual({ sentence: 'Wait.' });
    expect(Object.keys(advice)).toHaveLength(4);
  });
});
