import * as z from 'zod';
import { causeOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import { MAX_INCIDENT_CHANGES, MAX_INCIDENT_MESSAGES } from '../../contract/answer-limits.ts';
import {
  type ChangeNote,
  type Delivery,
  type DeploymentAround,
  type Incident,
  type IncidentMessage,
  type IncidentReport,
  type IncidentsReport,
  incidentId,
  incidentsQuery,
} from '../../contract/api/incidents.ts';
import { DAY_MS } from '../../contract/durations.ts';
import type { CauseHistory } from '../../contract/incident-facts.ts';
import { noQuery } from '../../contract/queries.ts';
import { headingOf } from '../../contract/runbook.ts';
import { RefusedError } from '../request/errors.ts';
import { cursorStart, cursorTime, pageOf, readCursor } from '../request/page-of-rows.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';
import { NO_HISTORY } from './incident-facts.ts';

const cursor = z.tuple([cursorStart, cursorTime, z.string()]);
/** Open incidents are repeated to people more often than this, so none is older. */
const LOOK_BACK_DAYS = 30;
const FAR = '9999-12-31T00:00:00Z';

type Row = Omit<Incident, 'tool' | 'runbook'> & { cursor_at: string };

/** The alarm that leads an incident: that of its last message, or an alarm that is its cause and explains that one. */
const leadOf = ({ cause, alarm }: Pick<Row, 'cause' | 'alarm'>): string =>
  causeOf(alarm) !== cause && causeOf(cause) === cause ? cause : alarm;

const toIncident = ({ cursor_at, ...row }: Row): Incident => {
  const alarm = leadOf(row);
  return { ...row, tool: toolOf(row.cause) ?? null, alarm, runbook: headingOf(alarm) };
};

/** GET /v1/incidents */
export const getIncidents: RouteHandler = async ({ database, operatorOnly }, context) => {
  const query = parseQuery(incidentsQuery, context.req);
  const lookBack = new Date(Date.now() - LOOK_BACK_DAYS * DAY_MS).toISOString();
  const [from = query.from ?? lookBack, beganAt = null, id = null] = readCursor(cursor, query.after) ?? [];
  operatorOnly(context);
  const { rows, open } = await readStore(database, undefined, async (reader) => ({
    rows: await reader.rows<Row>('incidents', [
      ...[query.limit + 1, beganAt, id, query.state ?? null, query.severity ?? null, query.cause ?? null],
      ...[query.tool ?? null, null, from, query.to ?? FAR, from < lookBack ? from : lookBack],
    ]),
    open: (await reader.rows<{ open: number }>('incidents-open', [lookBack]))[0]?.open ?? 0,
  }));
  const page = pageOf(rows, query.limit, ({ cursor_at, incident_id }) => [from, cursor_at, incident_id]);
  const report: IncidentsReport = { incidents: page.rows.map(toIncident), open, next: page.next };
  return Response.json(report);
};

const readIncident = async (reader: Reader, id: string): Promise<Incident> => {
  const [row] = await reader.rows<Row>('incidents', [
    ...[1, null, null, null, null, null, null],
    ...[id, '-infinity', 'infinity', '-infinity'],
  ]);
  if (!row) throw new RefusedError(404, `There is no incident with the id ${id}; see /v1/incidents.`);
  return toIncident(row);
};

/** GET /v1/incidents/{id} */
export const getIncident: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(noQuery, context.req);
  const id = parsePath(incidentId, 'id', context);
  operatorOnly(context);
  const report = await readStore(database, undefined, async (reader): Promise<IncidentReport> => {
    const incident = await readIncident(reader, id);
    const until = incident.ended_at ?? new Date().toISOString();
    const messages = await reader.rows<IncidentMessage>('incident-messages', [id, MAX_INCIDENT_MESSAGES]);
    const ids = messages.map(({ message_id }) => message_id);
    const [history = NO_HISTORY] = await reader.rows<CauseHistory>('incident-history', [
      ...[incident.cause, id, incident.began_at],
    ]);
    return {
      incident,
      messages,
      deliveries: await reader.rows<Delivery>('incident-deliveries', [ids, incident.began_at, until]),
      history,
      deployments: await reader.rows<DeploymentAround>('incident-deployments', [incident.began_at, until]),
      changes: await reader.rows<ChangeNote>('incident-changes', [incident.began_at, until, MAX_INCIDENT_CHANGES]),
    };
  });
  return Response.json(report);
};
