import { formatRecord } from '../../contract/log-text.ts';
import type { Operation } from '../call/operation.ts';
import { isColoured, isTerminal } from '../log/terminal.ts';
import { type CallRecord, formatLine } from './format-line.ts';
import { countDropped, readDropped, subtractDropped, writeLine } from './stdout.ts';

/**
 * Writes the line of a call, which also reports earlier losses. Never throws: a line that fails here counts as lost.
 */
export function emit(operation: Operation, record: CallRecord): void {
  try {
    const dropped = readDropped();
    const line = formatLine(operation, dropped > 0 ? { ...record, dropped } : record);
    const isAccepted = writeLine(isTerminal() ? formatRecord(JSON.parse(line), isColoured()) : line);
    if (isAccepted && dropped > 0) subtractDropped(dropped);
  } catch {
    countDropped();
  }
}
