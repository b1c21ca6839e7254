import type { Call, CallReport } from '../../lambdas/contract/api/calls.ts';
import { type Cell, stateCell } from '../terminal/cell.ts';
import { cutToWidth } from '../terminal/display-width.ts';
import { formatTime } from '../terminal/times.ts';

/** How many columns of a message a row shows. */
const MAX_MESSAGE = 60;

const nameOf = ({ kind, name }: Pick<Call, 'kind' | 'name'>): string => (kind === 'tool' ? name : `${kind}/${name}`);

const outcomeOf = ({ success }: Call): Cell => stateCell(success ? 'ok' : 'failed');

const describeFailure = ({ success, error_code, error_type, error_message, fault }: Call): string => {
  if (success) return '';
  const words = [error_code, error_type, error_message].filter((part) => part !== null).join(' ');
  return `${cutToWidth(words, MAX_MESSAGE)} (${fault})`;
};

export const CALL_HEADER = ['started (UTC)', '', 'name', 'took', 'version', 'client', 'id', 'failure'];

/** A row for a call. */
export const toCallRow = (call: Call): Cell[] => [
  formatTime(call.started_at),
  outcomeOf(call),
  nameOf(call),
  `${Math.round(call.duration_ms)} ms`,
  call.version,
  call.client_name ?? '-',
  call.event_id,
  describeFailure(call),
];

/** What is to be known of one call, a row for each thing. */
export const describeCall = ({ call, parent, original, log_url }: CallReport): Cell[][] => {
  const rows: [string, Cell | number | null][] = [
    ['call', call.event_id],
    ['name', nameOf(call)],
    ['outcome', outcomeOf(call)],
    ['failure', describeFailure({ ...call, error_message: null }) || null],
    ['message', call.error_message],
    ['error group', call.group_id],
    ['started', `${formatTime(call.started_at)} UTC`],
    ['took', `${Math.round(call.duration_ms)} ms${call.cold_start ? ', of a cold start' : ''}`],
    ['attempts', call.attempts > 1 ? call.attempts : null],
    ['version', `${call.version} in ${call.environment}`],
    ['tenant', call.tenant_id],
    ['user', call.user_id],
    ['session', call.session_id],
    ['client', call.client_name && [call.client_name, call.client_version].filter(Boolean).join(' ')],
    ['provider', call.provider],
    ['made by', parent && `${nameOf(parent)}, ${parent.event_id}`],
    ['repeats', original?.event_id ?? null],
    ['correlation id', call.correlation_id],
    ['trace', call.trace_id],
    ['cost', call.cost_usd === null ? null : `${call.cost_usd} dollars`],
    ['line', log_url],
  ];
  return rows.flatMap(([title, value]) =>
    value === null || value === '' ? [] : [[title, typeof value === 'number' ? String(value) : value]],
  );
};

/** The calls of one thread, earliest first, each with how much later than the first it began. */
export const listThread = (calls: readonly Call[]): Cell[][] => {
  const [first] = calls;
  if (!first) return [];
  const start = Date.parse(first.started_at);
  return calls.map((call) => [
    `+${Date.parse(call.started_at) - start} ms`,
    outcomeOf(call),
    nameOf(call),
    `${Math.round(call.duration_ms)} ms`,
    call.event_id,
    describeFailure(call),
  ]);
};
