import { toLine } from '../../lambdas/contract/clean-line.ts';
import type { ErrorGroup, ErrorGroupReport } from '../../lambdas/contract/error-groups.ts';

/** How much of a message a row shows, in characters. */
const MAX_MESSAGE = 60;

/** `2026-11-20 10:02` */
const formatTime = (time: string): string => time.slice(0, 16).replace('T', ' ');

const cut = (text: string): string => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text);

const describeFailure = ({ fingerprint, error_code, error_type, error_message }: ErrorGroup): string => {
  if (fingerprint === '_OTHER') return `other failures (${error_code})`;
  return [error_code, error_type, error_message].flatMap((part) => (part === null ? [] : [toLine(part)])).join(' ');
};

const nameOf = ({ kind, name }: ErrorGroup): string => toLine(kind === 'tool' ? name : `${kind}/${name}`);

/** A row for each group, under a header. */
export const listGroups = (groups: readonly ErrorGroup[]): string[][] => [
  ['group', 'state', 'name', 'fault', 'calls', '24 h', 'users', 'tenants', 'last seen (UTC)', 'failure'],
  ...groups.map((group) => [
    ...[group.group_id, group.state, nameOf(group), group.fault],
    ...[group.calls, group.calls_24h, group.users, group.tenants].map(String),
    ...[formatTime(group.last_seen_at), cut(describeFailure(group))],
  ]),
];

/** What is to be known of one group, a row for each thing. */
export const describeGroup = (group: ErrorGroup): string[][] => {
  const rows: [string, string | null][] = [
    ['group', group.group_id],
    ['state', group.state],
    ['name', nameOf(group)],
    ['failure', describeFailure(group)],
    ['fault', group.fault],
    ['provider', group.provider],
    ['fingerprint', group.fingerprint],
    ['calls', `${group.calls}, ${group.calls_24h} of them in 24 hours; ${group.users} users, ${group.tenants} tenants`],
    ['first seen', `${formatTime(group.first_seen_at)} UTC in version ${group.first_version}`],
    ['last seen', `${formatTime(group.last_seen_at)} UTC in version ${group.last_version}`],
    ['correlation id', group.last_correlation_id],
    ['trace', group.last_trace_id],
    ['resolved in', group.resolved_in_version],
    ['muted until', group.muted_until],
    ['regressed', group.regressed_at && `${formatTime(group.regressed_at)} UTC in version ${group.regressed_version}`],
    ['decided', group.state_changed_at && `${formatTime(group.state_changed_at)} UTC by ${group.state_changed_by}`],
    ['because', group.state_reason],
  ];
  return rows.flatMap(([title, value]) => (value === null ? [] : [[title, toLine(value)]]));
};

/** The newest calls of a group, under a header. */
export const listExamples = ({ examples }: Pick<ErrorGroupReport, 'examples'>): string[][] => [
  ['started (UTC)', 'version', 'duration', 'correlation id', 'trace'],
  ...examples.map(({ started_at, version, duration_ms, correlation_id, trace_id }) => [
    ...[formatTime(started_at), toLine(version), `${Math.round(duration_ms)} ms`],
    ...[toLine(correlation_id), trace_id ?? '-'],
  ]),
];
