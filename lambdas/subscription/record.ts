import type { Invocation } from '../contract/invocation.ts';
import { parseJson } from '../contract/parse-json.ts';
import { fitRecord } from '../observe/line/fit-record.ts';

/** A line that is not a record, and why. */
export interface Reject {
  reason: string;
  line: string;
}

/** The record in a log line, made to fit the record's limits; or why the line is none. */
export const parseRecord = (line: string): Invocation | Reject => {
  const value = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { reason: 'not a JSON object', line };
  }
  const fitted = fitRecord(value as Record<string, unknown>);
  return 'record' in fitted ? fitted.record : { reason: fitted.reason, line };
};

/** True when nothing to store was found in a line: only a reject holds the line itself. */
export const isReject = (outcome: object): outcome is Reject => 'line' in outcome;
