import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { type Cell, stateCell } from '../terminal/cell.ts';
import { formatAge } from '../terminal/times.ts';

const describeMute = ({ muted }: AlarmReport): string => {
  if (muted === null) return '';
  return muted.ends_at === null ? 'muted' : `muted until ${muted.ends_at.slice(0, 16)}Z`;
};

const ACTIONS: Readonly<Record<AlarmReport['actions'], string>> = {
  on: '',
  off: 'actions switched off',
  none: 'part of another',
};

/** For which names an alarm over many names fires, and why nobody may be notified of it. */
const remarksOn = (alarm: AlarmReport): string =>
  [
    alarm.contributors.map(({ name }) => name).join(', '),
    describeMute(alarm),
    ACTIONS[alarm.actions],
    alarm.firing_means === 'all_is_well' ? 'fires while the notifier works' : '',
  ]
    .filter((part) => part !== '')
    .join('; ');

/** A row for each alarm, under a header. */
export const listAlarms = (alarms: readonly AlarmReport[], nowMs = Date.now()): Cell[][] => [
  ['state', 'severity', 'for', 'alarm', ''],
  ...alarms.map((alarm) => [
    stateCell(alarm.firing_means === 'all_is_well' ? 'ok' : alarm.state),
    stateCell(alarm.severity),
    formatAge(alarm.since, nowMs),
    alarm.name,
    remarksOn(alarm),
  ]),
];

/** What somebody asked for, by which no alarm was found. */
interface AlarmFilters {
  readonly state?: string | undefined;
  readonly severity?: string | undefined;
  readonly tool?: string | undefined;
  readonly provider?: string | undefined;
  readonly name?: string | undefined;
  readonly after?: string | undefined;
}

const STATES: Readonly<Record<string, string>> = { firing: 'is firing', no_data: 'is without data', ok: 'is ok' };

/** That there is no such alarm, in a sentence. */
export const describeNone = ({ state, severity, tool, provider, name, after }: AlarmFilters): string => {
  const subject = [
    'No',
    ...(after === undefined ? [] : ['further']),
    ...(severity === undefined ? [] : [severity]),
    'alarm',
    ...(name === undefined ? [] : [`called ${name}`]),
    ...(tool === undefined ? [] : [`of the tool ${tool}`]),
    ...(provider === undefined ? [] : [`of the outside service ${provider}`]),
  ];
  return `${subject.join(' ')} ${STATES[state ?? ''] ?? 'is there'}.`;
};

/** What is to be known of one alarm, a row for each thing. */
export const describeAlarm = (alarm: AlarmReport): Cell[][] => {
  const rows: [string, Cell | null][] = [
    ['alarm', alarm.name],
    ['state', stateCell(alarm.state)],
    ['since', alarm.since],
    ['because', alarm.reason],
    ['severity', stateCell(alarm.severity)],
    ['owner', alarm.owner],
    ['means', alarm.means],
    ['do', alarm.runbook.advice],
    ['runbook', alarm.runbook.url ?? `docs/runbook.md, ${alarm.runbook.heading}`],
    ['lines', alarm.logs_url],
    ['muted', alarm.muted && `${describeMute(alarm)} (${alarm.muted.reason}), ${alarm.muted.id}`],
    ['actions', ACTIONS[alarm.actions] || null],
    ...alarm.contributors.map(({ name, since }): [string, string] => ['fires for', `${name} since ${since ?? '?'}`]),
  ];
  return rows.flatMap(([title, value]) => (value === null ? [] : [[title, value]]));
};
