import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import type { SqlRows } from '../../../lambdas/contract/sql.ts';
import { formatCsv } from '../../../operate/sql/format-csv.ts';
import { formatError } from '../../../operate/sql/format-error.ts';
import { formatJson } from '../../../operate/sql/format-json.ts';
import { formatTable } from '../../../operate/sql/format-table.ts';

const answer = (types: readonly string[], rows: SqlRows['rows'], names = types): SqlRows => ({
  columns: types.map((type, at) => ({ name: names[at] ?? type, type })),
  rows,
  left_off: null,
});

/** Texts with all that CSV, JSON and terminals treat specially. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom('"', ',', '\n', '\r', '\t', ';', "'", '=', '+', '-', '@', '\u001b', '\u202e', '\0', '😀', ' '),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});
const anyRows = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(fc.array(fc.option(anyText), { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
  )
  .map((rows) =>
    answer(
      Array.from({ length: rows[0]?.length ?? 0 }, () => 'text'),
      rows,
    ),
  );

describe('CSV', () => {
  test('has a header, NULL as nothing and an empty text as two quotes', () => {
    const rows = answer(
      ['text', 'bigint', 'text'],
      [
        [null, '9007199254740993', ''],
        ['a "b", c\nd', '-5', '=1+1'],
      ],
    );
    expect(formatCsv(rows)).toBe('text,bigint,text\n,9007199254740993,""\n"a ""b"", c\nd",-5,=1+1\n');
  });

  test('of a query without rows or columns is its header', () => {
    expect(formatCsv(answer(['text'], []))).toBe('text\n');
    expect(formatCsv(answer([], [[], []]))).toBe('');
  });

  test('is read back as what it was, whatever the texts', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const parsed = Papa.parse<string[]>(formatCsv(rows).slice(0, -1), { delimiter: ',', newline: '\n' });
        expect(parsed.data.slice(1)).toEqual(rows.rows.map((row) => row.map((value) => value ?? '')));
      }),
    );
  });

  test('has no cell that a spreadsheet takes for a formula, if that is asked for, and the same numbers', () => {
    const values = ['=cmd()', '+1', '-1', '-1.5e3', '@a', '\tx', '\r=1', 'plain', "'=1", '-a'];
    const csv = formatCsv(
      answer(
        ['text'],
        values.map((value) => [value]),
        ['=name'],
      ),
      { escapesFormulas: true },
    );
    const [[header] = [], ...cells] = Papa.parse<string[]>(csv.slice(0, -1), { delimiter: ',', newline: '\n' }).data;
    expect(header).toBe("'=name");
    expect(cells.flat()).toEqual(["'=cmd()", "'+1", '-1', '-1.5e3', "'@a", "'\tx", "'\r=1", 'plain', "'=1", "'-a"]);
  });
});

describe('JSON', () => {
  test('has every digit of numbers, documents as documents, and no invented numbers', () => {
    const types = ['bigint', 'numeric', 'double precision', 'boolean', 'jsonb', 'text', 'text', 'integer'];
    const rows = [['9007199254740993', '0.10000000000000000000001', 'NaN', 't', '{"a": 1}', '7', null, '-3']];
    expect(formatJson(answer(types, rows))).toContain(
      '{"bigint":9007199254740993,"numeric":0.10000000000000000000001,"double precision":"NaN","boolean":true,' +
        '"jsonb":{"a": 1},"text":"7","text_2":null,"integer":-3}',
    );
  });

  test('of any texts is a document with them', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const parsed = JSON.parse(formatJson(rows)) as { rows: Record<string, string | null>[] };
        expect(parsed.rows.map((row) => Object.values(row))).toEqual(rows.rows);
      }),
    );
  });

  test('keeps columns apart that have the same name', () => {
    const rows = answer(['text', 'text', 'text'], [['1', '2', '3']], ['a', 'a_2', 'a']);
    expect(JSON.parse(formatJson(rows)).rows).toEqual([{ a: '1', a_2: '2', a_3: '3' }]);
  });

  test('of an error is the error', () => {
    expect(JSON.parse(formatJson({ error: { message: 'no', position: 3 } }))).toEqual({
      error: { message: 'no', position: 3 },
    });
  });
});

describe('a table', () => {
  test('has numbers on the right and NULL by name', () => {
    expect(
      formatTable(
        answer(
          ['text', 'bigint'],
          [
            ['a', '1'],
            [null, '200'],
          ],
          ['name', 'calls'],
        ),
      ),
    ).toBe('name  calls\n----  -----\na         1\nNULL    200\n(2 rows)\n');
  });

  test('writes what would control the terminal as JSON escapes it', () => {
    const [, , cell] = formatTable(answer(['text'], [['a\n\u001b\u007f\u202e\u{e0001}b']])).split('\n');
    expect(cell).toBe('a\\n\\u001b\\u007f\\u202e\\udb40\\udc01b');
  });

  test('shows one line a row and nothing that would control the terminal, whatever the texts', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const lines = formatTable(rows).split('\n');
        expect(lines).toHaveLength(rows.rows.length + 4);
        expect(lines.join('')).not.toMatch(/\p{Cc}|\p{Cf}/u);
      }),
    );
  });
});

describe('an error', () => {
  test('shows the line of the position, with a mark below the character', () => {
    const statement = "-- first\nselect\t'é😀', nme from calls";
    const position = [...statement.slice(0, statement.indexOf('nme'))].length + 1;
    const [message, line = '', mark = '', hint] = formatError(
      { message: 'wrong', position, hint: 'try' },
      statement,
    ).split('\n');
    expect([message, hint]).toEqual(['wrong', 'try']);
    expect(line).toBe("line 2: select 'é😀', nme from calls");
    expect([...line].slice([...mark].length - 1).join('')).toMatch(/^nme/);
  });

  test('never throws, whatever the position', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 50 }), (statement, position) => {
        expect(formatError({ message: 'wrong', position }, statement)).toMatch(/^wrong\nline \d+: /);
      }),
    );
  });
});
