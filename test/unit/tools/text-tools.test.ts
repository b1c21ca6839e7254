import { describe, expect, test } from 'vitest';
import csvProfile from '../../../lambdas/tools/csv-profile.ts';
import regexSearch from '../../../lambdas/tools/regex-search.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

captureLines();

describe('regex_search', () => {
  test('finds every match and its position', async () => {
    expect(await regexSearch({ pattern: '[a-z]-\\d+', text: 'A-1042 and a-7', ignore_case: true }, aContext())).toEqual(
      {
        total: 2,
        matches: [
          { at: 0, match: 'A-1042' },
          { at: 11, match: 'a-7' },
        ],
      },
    );
  });

  test('says what is wrong with a pattern', async () => {
    expect(await regexSearch({ pattern: '(', text: 'x' }, aContext())).toMatchObject({
      code: 'INVALID_INPUT',
      fault: 'caller',
      message: expect.stringContaining('Unterminated group'),
    });
  });
});

describe('csv_profile', () => {
  const misplacedQuote = expect.stringMatching(/^Row 2 has a misplaced quote\. Enclose /);

  test('describes each column', async () => {
    const csv =
      'day,amount,note,paid\n2026-01-01,10,"a, ""quoted"" note",true\n2026-01-02,,second,false\n2026-01-03,20,,true\n';
    expect(await csvProfile({ csv }, aContext())).toEqual({
      rows: 3,
      columns: [
        { name: 'day', type: 'date', empty: 0, distinct: 3 },
        { name: 'amount', type: 'number', empty: 1, distinct: 2, min: 10, max: 20, mean: 15 },
        { name: 'note', type: 'text', empty: 1, distinct: 2 },
        { name: 'paid', type: 'boolean', empty: 0, distinct: 2 },
      ],
    });
  });

  test.each([
    ['another number of fields', 'a,b\n1,2\n3\n', 'Row 3 has 1 fields, but the first row has 2.'],
    ['a quote that does not close', 'a,b\n"1,2\n', misplacedQuote],
    ['a quote in the middle', 'a,b\n"1"x,2\n', misplacedQuote],
  ])('names the row that has %s', async (_, csv, message) => {
    expect(await csvProfile({ csv }, aContext())).toMatchObject({ code: 'INVALID_INPUT', fault: 'caller', message });
  });

  test.each([
    ['no line break at the end', 'a,b\n1,2'],
    ['an empty last field and no line break', 'a,b\n1,'],
    ['a byte order mark and empty lines', '\ufeffa,b\n\n1,2\n\n'],
    ['Windows line breaks', 'a,b\r\n1,2\r\n'],
    ['mixed line breaks', 'a,b\r\n1,2\n'],
  ])('reads a text with %s', async (_, csv) => {
    expect(await csvProfile({ csv }, aContext())).toMatchObject({ rows: 1, columns: [{ name: 'a' }, { name: 'b' }] });
  });
});
