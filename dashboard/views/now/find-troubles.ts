import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import type { Severity } from '../../../lambdas/contract/severity.ts';
import type { FiringAlarm } from '../../tools/alarms-of.ts';
import type { Fleet, ToolNow } from '../../tools/fleet.ts';
import { wordsOfCondition } from '../../tools/tool-status.ts';

/** Something that is broken now, with all that is about it. */
export interface Trouble {
  readonly key: string;
  readonly title: string;
  readonly severity: Severity;
  /** In milliseconds since 1970; undefined where nobody knows. */
  readonly since: number | undefined;
  /** The name of the tool that it is about, where it is about one. */
  readonly tool: string | undefined;
  /** The same as far as it was called in the last 24 hours. */
  readonly toolNow: ToolNow | undefined;
  readonly incident: Incident | undefined;
  /** The alarms that fire for it; of an incident, the one that leads it first. */
  readonly alarms: readonly FiringAlarm[];
}

type Seen = Pick<Fleet, 'tools' | 'firing' | 'incidents'>;

const findTool = ({ tools }: Seen, name: string | null): ToolNow | undefined =>
  tools.find(({ tool }) => tool.tool_name === name);

/** Whether an incident is about what an alarm fires for. Of an alarm over many names, only some may be. */
const isAbout = (incident: Incident, { name, tool, alarm }: FiringAlarm): boolean =>
  incident.members.includes(name) || incident.members.includes(alarm.name) || (tool !== null && tool === incident.tool);

/** The alarms that fire for an incident, the one that leads it first. */
const alarmsOfIncident = (incident: Incident, firing: readonly FiringAlarm[]): FiringAlarm[] => {
  const leads = ({ name, alarm }: FiringAlarm): boolean => name === incident.alarm || alarm.name === incident.alarm;
  return firing.filter((alarm) => isAbout(incident, alarm)).sort((a, b) => Number(leads(b)) - Number(leads(a)));
};

/** An open incident of which an alarm fires still; where the reader sees no alarms, every open one. */
const ofIncident = (incident: Incident, seen: Seen): Trouble[] => {
  const areSeen = typeof seen.firing !== 'string';
  const alarms = typeof seen.firing === 'string' ? [] : alarmsOfIncident(incident, seen.firing);
  if (areSeen && alarms.length === 0) return [];
  return [
    {
      key: incident.incident_id,
      title: incident.title,
      severity: incident.severity,
      since: Date.parse(incident.began_at),
      tool: incident.tool ?? undefined,
      toolNow: findTool(seen, incident.tool),
      incident,
      alarms,
    },
  ];
};

const ofTool = (toolNow: ToolNow): Trouble => {
  const { status, tool, firing } = toolNow;
  const name = tool.tool_name;
  return {
    key: `tool/${name}`,
    title: status.words === 'some calls fail' ? `Some calls of ${name} fail` : `${name} is ${status.words}`,
    severity: status.state === 'failing' ? 'critical' : 'warning',
    since: status.from,
    tool: name,
    toolNow,
    incident: undefined,
    alarms: firing,
  };
};

const titleOf = ({ name, tool, condition, alarm }: FiringAlarm): string => {
  if (tool !== null) return `${tool} is ${wordsOfCondition(condition)}`;
  return name === alarm.name && alarm.means !== '' ? alarm.means : name;
};

const ofAlarm = (firing: FiringAlarm, seen: Seen): Trouble => ({
  key: firing.name,
  title: titleOf(firing),
  severity: firing.severity,
  since: firing.since,
  tool: firing.tool ?? undefined,
  toolNow: findTool(seen, firing.tool),
  incident: undefined,
  alarms: [firing],
});

/** What is broken now, the worst first and the newest of them first; each thing once. */
export const findTroubles = (seen: Seen): Trouble[] => {
  const incidents = (seen.incidents ?? [])
    .filter(({ state }) => state === 'open')
    .flatMap((incident) => ofIncident(incident, seen));
  const reported = new Set(incidents.flatMap(({ alarms }) => alarms));
  const reportedTools = new Set(incidents.map(({ tool }) => tool));
  const tools = seen.tools
    .filter(({ status }) => status.state === 'failing' || status.state === 'warning')
    .filter(({ tool }) => !reportedTools.has(tool.tool_name))
    // What fires for it may belong to an incident of something broader.
    .filter(({ firing }) => !firing.some((alarm) => reported.has(alarm)))
    .map(ofTool);
  const known = new Set([...incidents, ...tools].flatMap(({ alarms }) => alarms));
  const firing = typeof seen.firing === 'string' ? [] : seen.firing;
  const others = firing.filter((alarm) => !known.has(alarm)).map((alarm) => ofAlarm(alarm, seen));
  return [...incidents, ...tools, ...others].sort(
    (a, b) => a.severity.localeCompare(b.severity) || (b.since ?? 0) - (a.since ?? 0),
  );
};
