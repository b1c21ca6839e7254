import type { SqlAnswer, SqlColumn } from '../../lambdas/contract/sql.ts';
import { NUMBER_TYPES } from './number-types.ts';

const JSON_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

/** A value as JSON. A number has every digit that the database writes, as in PostgreSQL's own `to_json`. */
const formatValue = (value: string | null, type: string): string => {
  if (value === null) return 'null';
  if (type === 'boolean') return value === 't' ? 'true' : 'false';
  if (type === 'json' || type === 'jsonb') return value;
  return NUMBER_TYPES.has(type) && JSON_NUMBER.test(value) ? value : JSON.stringify(value);
};

/** The columns' names; one that is there already gets a number. */
const distinctNames = (columns: readonly SqlColumn[]): string[] => {
  const names = new Set<string>();
  for (const { name } of columns) {
    let distinct = name;
    for (let number = 2; names.has(distinct); number += 1) distinct = `${name}_${number}`;
    names.add(distinct);
  }
  return [...names];
};

/** An answer as one JSON document: `columns`, `rows` as objects, and `left_off`; or `error`. */
export const formatJson = (answer: SqlAnswer): string => {
  if ('error' in answer) return `${JSON.stringify(answer)}\n`;
  const names = distinctNames(answer.columns).map((name) => JSON.stringify(name));
  const columns = answer.columns.map(({ type }, index) => `{"name":${names[index]},"type":${JSON.stringify(type)}}`);
  const rows = answer.rows.map(
    (row) =>
      `{${row.map((value, index) => `${names[index]}:${formatValue(value, answer.columns[index]?.type ?? 'text')}`).join(',')}}`,
  );
  const leftOff = JSON.stringify(answer.left_off);
  return `{"columns":[${columns.join(',')}],"rows":[${rows.join(',\n')}],"left_off":${leftOff}}\n`;
};
