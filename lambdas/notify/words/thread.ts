import { createHash } from 'node:crypto';
import { cutText, toLine } from '../../contract/clean-line.ts';

const MAX_THREAD = 512;

/** An incident's id as what its notices share; a longer one keeps its beginning, and a hash so that no two become one. */
export const toThread = (incident: string): string => {
  const line = toLine(incident) || '-';
  if (line === incident && line.length <= MAX_THREAD) return line;
  return `${cutText(line, MAX_THREAD - 17)}~${createHash('sha256').update(incident).digest('hex').slice(0, 16)}`;
};
