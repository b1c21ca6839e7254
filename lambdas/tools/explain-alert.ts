import * as z from 'zod';
import { causeOf, providerOf, toolOf } from '../contract/alarms/alarm-name.ts';
import { incidentReport } from '../contract/api/incidents.ts';
import { errorGroupsReport } from '../contract/error-groups.ts';
import { storedText } from '../contract/queries.ts';
import { toolHealth, toolsReport } from '../contract/reports.ts';
import { headingOf } from '../contract/runbook.ts';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';
import { messageForModel, shorten } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { findInRunbook } from '../telemetry/runbook.ts';
import { tenantOf } from '../telemetry/tenant.ts';

/** The longest text of a heading, in characters, and how many groups of failures are named. */
const MAX_RUNBOOK = 3_000;
const MAX_GROUPS = 3;

const { incident } = incidentReport.shape;
const shownIncident = incident.pick({
  incident_id: true,
  state: true,
  severity: true,
  title: true,
  began_at: true,
  ended_at: true,
  calls: true,
  bad_calls: true,
  users: true,
  version_at_end: true,
});
const failureGroup = z.object({
  group_id: z.string(),
  state: z.string(),
  error_code: z.string(),
  error_type: z.string().nullable(),
  error_message: z.string().nullable(),
  fault: z.string(),
  calls_24h: z.int(),
  last_seen_at: z.iso.datetime(),
});

/** An alarm is named `family/subject/condition`; an incident has an id. */
const isAlarm = (alert: string): boolean => alert.includes('/');

export default defineTool({
  name: 'explain_alert',
  description:
    'Explain an alarm or an incident of this server: what it means, the runbook’s text (where to look, what to do), and ' +
    'the facts about its tool now. Use it when somebody was notified of an alarm.',
  input: z.object({
    alert: storedText('write the name of an alarm or the id of an incident').describe(
      'The name of an alarm, e.g. tool/order_status/failing, or the id of an incident',
    ),
  }),
  output: z.object({
    alarm: z.string(),
    heading: z.string(),
    runbook: z.string(),
    tool: z.string().nullable(),
    provider: z.string().nullable(),
    /** The tool as its caller sees it; null when it was not called in the last 24 hours. */
    health: toolHealth.nullable(),
    failures: z.array(failureGroup),
    /** The incident that was asked for. */
    incident: shownIncident.nullable(),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async ({ alert }, { call, dependency, signal }) => {
  const asked = { correlationId: call.correlation_id, tenant: tenantOf(call), signal };

  const findIncident = async () => {
    if (asked.tenant !== undefined)
      throw new ToolError('INVALID_INPUT', 'Only the operator sees incidents. Write the name of an alarm.', {
        type: 'incident',
      });
    const path = `/v1/incidents/${encodeURIComponent(alert)}` as const;
    const report = await dependency('telemetry', () =>
      queryApi({ ...asked, path, pathByCaller: true, answer: incidentReport }),
    );
    return report.incident;
  };
  const readHealth = async (tool: string) => {
    const { tools } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/tools', answer: toolsReport }),
    );
    const found = tools.find(({ tool_name }) => tool_name === tool);
    return found ? { ...found, health_reason: shorten(found.health_reason) } : null;
  };
  const readFailures = async (tool: string) => {
    const query = { tool, limit: MAX_GROUPS };
    const { groups } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/error-groups', query, chosenByCaller: ['tool'], answer: errorGroupsReport }),
    );
    return groups.map((found) => failureGroup.parse({ ...found, error_message: messageForModel(found) }));
  };

  const found = isAlarm(alert) ? undefined : await findIncident();
  const alarm = found ? (found.members[0] ?? found.cause) : alert;
  const heading = found?.runbook ?? headingOf(alarm);
  const text = findInRunbook(heading);
  if (text === undefined)
    throw new ToolError('INVALID_INPUT', `No alarm is called ${shorten(alert)}, e.g. tool/order_status/failing.`, {
      type: 'no_alarm',
    });
  const cause = causeOf(alarm);
  const tool = toolOf(cause);
  return {
    ...{ alarm, heading, tool: tool ?? null, provider: providerOf(cause) ?? null },
    runbook: text.length <= MAX_RUNBOOK ? text : `${text.slice(0, MAX_RUNBOOK - 1)}…`,
    health: tool === undefined ? null : await readHealth(tool),
    failures: tool === undefined ? [] : await readFailures(tool),
    incident: found ? shownIncident.parse({ ...found, title: shorten(found.title) }) : null,
  };
});
