import * as z from 'zod';
import { alarmsQuery, alarmsReport } from './alarms/alarms-report.ts';
import { MAX_AUDIT_TEXT } from './audit-line.ts';
import { completenessQuery, completenessReport } from './completeness-report.ts';
import { lastDrill } from './drill.ts';
import { mute, muteFields, mutesReport, oneLine } from './mutes.ts';
import { customNoticeFields, hasThreadToResolve, RESOLVES_NOTHING } from './notices/custom-notice.ts';
import { type Method, splitRequestName, toPathPattern } from './request-names.ts';
import { selfCheckReport } from './self-check.ts';

/**
 * One path of the function operate, which changes something in AWS, reads what only AWS knows, or notifies people. All
 * are for the operator alone; `docs/api.md` is written from this list.
 */
export interface Operation {
  readonly summary: string;
  /** What the audit calls it; absent where nothing is changed. */
  readonly action?: string;
  /** What its query string says; absent where there is none. */
  readonly query?: z.ZodObject;
  /** What the request says, as JSON. */
  readonly body: z.ZodObject;
  /** The JSON answered with status 200. */
  readonly answer: z.ZodObject;
}

/** By method and path; `:name` in a path is a parameter, percent-encoded. */
export const OPERATIONS = {
  'POST /v1/notify': {
    summary: 'Notifies people by mail, pager and channels. Notices of one thread join, until one with `resolve`.',
    action: 'notice.requested',
    body: z.strictObject(customNoticeFields).refine(hasThreadToResolve, { error: RESOLVES_NOTHING, path: ['resolve'] }),
    answer: z.object({ id: z.uuid().describe('Identifies the notice in every channel.') }),
  },
  'GET /v1/alarms': {
    summary:
      'Every alarm as CloudWatch has it now: its state and since when, what it means and what to do, whether it is muted.',
    query: alarmsQuery,
    body: z.strictObject({}),
    answer: alarmsReport,
  },
  'GET /v1/mutes': {
    summary: 'Mutes of alarms, of the settings and of CloudWatch too, with what was not sent because of each.',
    body: z.strictObject({}),
    answer: mutesReport,
  },
  'POST /v1/mutes': {
    summary: 'Mutes alarms from the next full minute on. One that still fires when it ends notifies then.',
    action: 'mute.created',
    body: z.strictObject(muteFields),
    answer: mute,
  },
  'DELETE /v1/mutes/:id': {
    summary: 'Ends a mute at once. Those of its alarms that still fire notify now. Status 404 when there is none.',
    action: 'mute.ended',
    body: z.strictObject({}),
    answer: mute,
  },
  'PUT /v1/incidents/:id/acknowledgement': {
    summary:
      'Says that somebody has seen an incident and works on it. Later ones take the place of earlier ones. Whether there ' +
      'is such an incident is not looked up, so that it works without the store.',
    action: 'incident.acknowledged',
    body: z.strictObject({
      note: oneLine(MAX_AUDIT_TEXT, 'write a note in one line, or leave it out')
        .optional()
        .describe('What others should know.'),
    }),
    answer: z.object({ incident_id: z.string(), acknowledged_by: z.string().describe('As the audit names them.') }),
  },
  'GET /v1/drill': {
    summary: 'How far the last drill came on every way to people, and who has said that it was seen.',
    body: z.strictObject({}),
    answer: lastDrill,
  },
  'PUT /v1/drill/confirmations/:channel': {
    summary:
      'Says that the last drill was seen in a channel, which cannot prove it itself. Status 404 for no such channel.',
    action: 'drill.confirmed',
    body: z.strictObject({}),
    answer: lastDrill,
  },
  'GET /v1/completeness': {
    summary: 'Which share of calls became a metric and a row, and how soon, by the hour.',
    query: completenessQuery,
    body: z.strictObject({}),
    answer: completenessReport,
  },
  'GET /v1/self-check': {
    summary: 'What of the monitoring is switched off, missing or muted, as the self-check of each hour found it last.',
    body: z.strictObject({}),
    answer: selfCheckReport,
  },
} as const satisfies Readonly<Record<`${Method} /v1/${string}`, Operation>>;

export type OperationName = keyof typeof OPERATIONS;
type Operations = typeof OPERATIONS;
export type OperationBody<Name extends OperationName> = z.output<Operations[Name]['body']>;
export type OperationQuery<Name extends OperationName> = Operations[Name] extends {
  query: infer Query extends z.ZodType;
}
  ? z.output<Query>
  : Readonly<Record<string, never>>;
export type OperationAnswer<Name extends OperationName> = z.output<Operations[Name]['answer']>;

/** An operation that a request may be about. */
export interface FoundOperation {
  readonly name: OperationName;
  readonly method: string;
  /** The values of the parameters in the path, still percent-encoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

const PATTERNS = (Object.keys(OPERATIONS) as OperationName[]).map((name) => {
  const [method, path] = splitRequestName(name);
  return { name, method, pattern: toPathPattern(path) };
});

/** The operations of a path, one for each of its methods; none for a path that is not one of theirs. */
export const findOperations = (path: string): FoundOperation[] =>
  PATTERNS.flatMap(({ name, method, pattern }) => {
    const match = pattern.exec(path);
    return match ? [{ name, method, parameters: { ...match.groups } }] : [];
  });
