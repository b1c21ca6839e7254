import * as z from 'zod';
import { AUDIT_SCHEMA, auditLine } from '../contract/audit-line.ts';
import { INCIDENT_SCHEMA, incidentLine } from '../contract/incident-line.ts';
import { LONE_SURROGATES } from '../contract/limits.ts';
import { describeIssues } from '../contract/parse-as.ts';
import { parseJson } from '../contract/parse-json.ts';
import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import type { Reject } from '../subscription/record.ts';

const otherLine = z.discriminatedUnion('schema', [incidentLine, auditLine]);

/** A line that is not one of a call: a message about an incident, or what somebody changed. */
export type OtherLine = z.infer<typeof otherLine>;

/** The statement that stores the lines of each schema. */
const STATEMENTS = {
  [INCIDENT_SCHEMA]: 'ingest-incident-messages',
  [AUDIT_SCHEMA]: 'ingest-audit',
} as const satisfies Record<OtherLine['schema'], string>;
const SCHEMAS = Object.keys(STATEMENTS) as OtherLine['schema'][];

const markOf = (line: string): unknown => (parseJson(line) as { schema?: unknown } | null | undefined)?.schema;

/** Nearly every line is one of a call, and is not parsed here. */
export const isOtherLine = (line: string): boolean =>
  SCHEMAS.some((schema) => line.includes(schema) && markOf(line) === schema);

/** What is in such a line, with texts that PostgreSQL can store; or why it is nothing. */
export const parseOtherLine = (line: string): OtherLine | Reject => {
  const text = line.replaceAll('\\u0000', '').replace(LONE_SURROGATES, '\ufffd');
  const parsed = otherLine.safeParse(parseJson(text));
  return parsed.success ? parsed.data : { reason: describeIssues(parsed.error), line };
};

/** Stores such lines. Storing one twice stores it once. */
export const storeOtherLines = (database: Database, lines: readonly OtherLine[]): Promise<void> =>
  database.run(async (client) => {
    for (const schema of SCHEMAS) {
      const own = lines.filter((line) => line.schema === schema);
      if (own.length > 0) await client.query(readStatement(STATEMENTS[schema]), [JSON.stringify(own)]);
    }
  });
