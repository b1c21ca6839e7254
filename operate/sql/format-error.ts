import type { SqlError } from '../../lambdas/contract/sql.ts';

/** What of a long line is shown on either side of a position. */
const CONTEXT = 60;

/** The line of the statement at a position, with a mark below the position. */
const markPosition = (statement: string, position: number): string[] => {
  const characters = [...statement];
  const before = characters
    .slice(0, position - 1)
    .join('')
    .split('\n');
  const column = [...(before.at(-1) ?? '')].length;
  const line = [...(statement.split('\n')[before.length - 1] ?? '')];
  const from = Math.max(0, column - CONTEXT);
  const label = `line ${before.length}: `;
  // A tab would move what is below it to another place.
  const shown = line
    .slice(from, column + CONTEXT)
    .join('')
    .replaceAll(/\p{Cc}/gu, ' ');
  return [`${label}${shown}`, `${' '.repeat(label.length + column - from)}^`];
};

/** What is wrong with a statement, for people: the database's sentence, and where in the statement. */
export const formatError = ({ message, detail, hint, position }: SqlError, statement: string): string =>
  [
    message,
    ...(position === undefined ? [] : markPosition(statement, position)),
    ...(detail === undefined ? [] : [detail]),
    ...(hint === undefined ? [] : [hint]),
  ].join('\n');
