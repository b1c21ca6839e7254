import * as z from 'zod';
import { causeOf, providerOf, toolOf } from '../contract/alarms/alarm-name.ts';
import { type Incident, incidentReport, isIncidentId } from '../contract/api/incidents.ts';
import { errorGroupsReport } from '../contract/error-groups.ts';
import { storedText } from '../contract/queries.ts';
import { toolHealth, toolsReport } from '../contract/reports.ts';
import { headingOf } from '../contract/runbook.ts';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';
import { fitToLimit, messageForModel, shorten } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { findInRunbook } from '../telemetry/runbook.ts';
import { tenantOf } from '../telemetry/tenant.ts';

/** The longest text of a heading, in characters; how many tools are looked at, and groups of failures of each. */
const MAX_RUNBOOK = 3_000;
const MAX_TOOLS = 4;
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
const toolFacts = z.object({
  tool: z.string(),
  /** As its caller sees it; null when it was not called in the last 24 hours. */
  health: toolHealth.nullable(),
  failures: z.array(failureGroup),
});

/** An alarm is named `family/subject/condition`, or `pipeline/condition`. */
const isAlarm = (alert: string): boolean => alert.includes('/') && !isIncidentId(alert);

/** What an incident is about: its cause, then the other alarms that it joins, whose tools may be several. */
const subjectsOf = ({ cause, members }: Incident): string[] => [cause, ...members.map(causeOf)];

export default defineTool({
  name: 'explain_alert',
  description:
    'Explain an alarm or an incident of this server: what it means, the runbook’s text (where to look, what to do), and ' +
    'the facts about its tools now. Use it when somebody was notified of an alarm.',
  input: z.object({
    alert: storedText('write the name of an alarm or the id of an incident').describe(
      'The name of an alarm, e.g. tool/order_status/failing, or the id of an incident, e.g. provider/shop@2026-03-01T09:30:00.000Z',
    ),
  }),
  output: z.object({
    alarm: z.string(),
    heading: z.string(),
    /** Null for an incident of alarms that this version no longer has. */
    runbook: z.string().nullable(),
    provider: z.string().nullable(),
    /** The tools that it is about, with their facts now: of an incident of a provider there may be several. */
    tools: z.array(toolFacts),
    /** The number of further tools. */
    omitted: z.int(),
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
  const readHealth = async () => {
    const { tools } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/tools', answer: toolsReport }),
    );
    return tools.map((health) => ({ ...health, health_reason: shorten(health.health_reason) }));
  };
  const readFailures = async (tool: string) => {
    const query = { tool, limit: MAX_GROUPS };
    const { groups } = await dependency('telemetry', () =>
      queryApi({ ...asked, path: '/v1/error-groups', query, chosenByCaller: ['tool'], answer: errorGroupsReport }),
    );
    return groups.map((found) => failureGroup.parse({ ...found, error_message: messageForModel(found) }));
  };
  const readFacts = async (tools: readonly string[]) => {
    if (tools.length === 0) return [];
    const [health, failures] = await Promise.all([readHealth(), Promise.all(tools.map(readFailures))]);
    return tools.map((tool, at) => ({
      tool,
      health: health.find(({ tool_name }) => tool_name === tool) ?? null,
      failures: failures[at] ?? [],
    }));
  };

  const found = isAlarm(alert) ? undefined : await findIncident();
  const alarm = found?.alarm ?? alert;
  const heading = headingOf(alarm);
  const text = findInRunbook(heading);
  if (text === undefined && !found)
    throw new ToolError('INVALID_INPUT', `No alarm is called ${shorten(alert)}, e.g. tool/order_status/failing.`, {
      type: 'no_alarm',
    });
  const subjects = found ? subjectsOf(found) : [causeOf(alarm)];
  const tools = [...new Set(subjects.flatMap((subject) => toolOf(subject) ?? []))];
  const explained = {
    ...{ alarm, heading, provider: providerOf(subjects[0] ?? alarm) ?? null },
    runbook: text === undefined || text.length <= MAX_RUNBOOK ? (text ?? null) : `${text.slice(0, MAX_RUNBOOK - 1)}…`,
    incident: found ? shownIncident.parse({ ...found, title: shorten(found.title) }) : null,
  };
  const { shown } = fitToLimit(await readFacts(tools.slice(0, MAX_TOOLS)), MAX_TOOLS, explained);
  return { ...explained, tools: shown, omitted: tools.length - shown.length };
});
