import type { Operation } from '../call/operation.ts';
import { type CallRecord, formatLine } from './format-line.ts';
import { countDropped, readDropped, subtractDropped, writeLine } from './stdout.ts';

/** Writes the line of a call, and tells in it what was lost before. Never throws: what fails here is counted for the next line. */
export const emit = (site: Operation, told: CallRecord): void => {
  try {
    const dropped = readDropped();
    const accepted = writeLine(formatLine(site, dropped > 0 ? { ...told, dropped } : told));
    if (accepted && dropped > 0) subtractDropped(dropped);
  } catch {
    countDropped();
  }
};
