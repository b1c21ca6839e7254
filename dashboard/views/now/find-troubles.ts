import type { AlarmReport } from '../../../lambdas/contract/alarms/alarms-report.ts';
import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import type { Severity } from '../../../lambdas/contract/severity.ts';
import { saysWrong } from '../../tools/alarms-of.ts';
import type { Fleet, ToolNow } from '../../tools/fleet.ts';

/** Something that is broken now, with all that is about it. */
export interface Trouble {
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  /** In milliseconds since 1970; undefined where nobody knows. */
  readonly since: number | undefined;
  /** The tool that it is about, where it is about one. */
  readonly tool: ToolNow | undefined;
  readonly incident: Incident | undefined;
  /** The alarms that fire for it. */
  readonly alarms: readonly AlarmReport[];
}

const isMember = (incident: Incident, alarm: AlarmReport): boolean =>
  incident.members.includes(alarm.name) || alarm.contributors.some(({ name }) => incident.members.includes(name));

/** An open incident of which an alarm fires still; where the reader sees no alarms, every open one. */
const ofIncident = (incident: Incident, { tools, alarms }: Fleet): Trouble[] => {
  const firing = (alarms ?? []).filter((alarm) => saysWrong(alarm) && isMember(incident, alarm));
  if (alarms && firing.length === 0) return [];
  return [
    {
      key: incident.incident_id,
      title: incident.title,
      severity: incident.severity,
      since: Date.parse(incident.began_at),
      tool: tools.find(({ tool }) => tool.tool_name === incident.tool),
      incident,
      alarms: firing,
    },
  ];
};

const ofTool = (tool: ToolNow): Trouble => {
  const { status } = tool;
  const name = tool.tool.tool_name;
  return {
    key: `tool/${name}`,
    title: status.words === 'some calls fail' ? `Some calls of ${name} fail` : `${name} is ${status.words}`,
    severity: status.state === 'failing' ? 'critical' : 'warning',
    since: status.from,
    tool,
    incident: undefined,
    alarms: tool.firing.map(({ alarm }) => alarm),
  };
};

const ofAlarm = (alarm: AlarmReport): Trouble => ({
  key: alarm.cloudwatch_name,
  title: alarm.means === '' ? alarm.name : alarm.means,
  severity: alarm.severity,
  since: alarm.since === null ? undefined : Date.parse(alarm.since),
  tool: undefined,
  incident: undefined,
  alarms: [alarm],
});

/** What is broken now, the worst first and the newest of them first; each thing once. */
export const findTroubles = (fleet: Fleet): Trouble[] => {
  const incidents = (fleet.incidents ?? [])
    .filter(({ state }) => state === 'open')
    .flatMap((incident) => ofIncident(incident, fleet));
  const isReported = (name: string, alarms: readonly AlarmReport[]) =>
    incidents.some(
      (trouble) => trouble.incident?.tool === name || alarms.some((alarm) => trouble.alarms.includes(alarm)),
    );
  const tools = fleet.tools
    .filter(({ status }) => status.state === 'failing' || status.state === 'warning')
    .filter(
      ({ tool, firing }) =>
        !isReported(
          tool.tool_name,
          firing.map(({ alarm }) => alarm),
        ),
    )
    .map(ofTool);
  const known = new Set([...incidents, ...tools].flatMap(({ alarms }) => alarms));
  const others = (fleet.alarms ?? []).filter((alarm) => saysWrong(alarm) && !known.has(alarm)).map(ofAlarm);
  return [...incidents, ...tools, ...others].sort(
    (a, b) => a.severity.localeCompare(b.severity) || (b.since ?? 0) - (a.since ?? 0),
  );
};
