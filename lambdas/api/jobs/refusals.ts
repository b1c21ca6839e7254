import type { Database } from '../../database/database.ts';
import type { ChangeParts } from '../changes/change-handler.ts';
import { RefusedError } from '../request/errors.ts';
import { readStore } from '../request/reader.ts';

/** How often a job is tried. Throws a `RefusedError` where nothing makes jobs: they would wait for ever. */
export const attemptsOf = ({ jobAttempts }: ChangeParts): number => {
  if (jobAttempts !== undefined) return jobAttempts;
  throw new RefusedError(409, 'Setting jobs: nothing makes jobs here; write `jobs: {}` and deploy.');
};

/** A change that finds nothing to do: `what` says how it is, `done` what somebody did before. */
interface Done {
  what: string;
  done?: string;
  target: string;
  actions: readonly string[];
}

/** What refuses a change that somebody made already, with who did it last and when, by the audit. */
export const doneAlready = async (
  database: Database,
  { what, done = '', target, actions }: Done,
): Promise<RefusedError> => {
  const [last] = await readStore(database, undefined, (reader) =>
    reader.rows<{ actor: string; at: string }>('last-change', [target, actions]),
  );
  return new RefusedError(409, last ? `${what}${done}, by ${last.actor} at ${last.at}.` : `${what}.`);
};
