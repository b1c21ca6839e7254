import { INCIDENT_SCHEMA, type IncidentLine, incidentLine } from '../contract/incident-line.ts';
import { LONE_SURROGATES } from '../contract/limits.ts';
import { describeIssues } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';
import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import type { Reject } from './record.ts';

/** Without parsing it: nearly every line is one of a call. */
export const isIncidentLine = (line: string): boolean =>
  line.includes(INCIDENT_SCHEMA) && markOf(line) === INCIDENT_SCHEMA;

const markOf = (line: string): unknown => (parseJson(line) as { schema?: unknown } | null | undefined)?.schema;

/** The message in a line of the notifier, with texts that PostgreSQL can store; or why it is none. */
export const parseIncidentLine = (line: string): IncidentLine | Reject => {
  const text = line.replaceAll('\\u0000', '').replace(LONE_SURROGATES, '\ufffd');
  const parsed = incidentLine.safeParse(parseJson(text));
  return parsed.success ? parsed.data : { reason: describeIssues(parsed.error), line };
};

/** Stores messages about incidents. Storing one twice stores it once. */
export const storeIncidentMessages = (database: Database, lines: readonly IncidentLine[]): Promise<void> =>
  database.run(async (client) => {
    if (lines.length > 0) await client.query(readStatement('ingest-incident-messages'), [JSON.stringify(lines)]);
  });
