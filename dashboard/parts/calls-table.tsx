import type { Call } from '../../lambdas/contract/api/calls.ts';
import { Link } from '../router/link.tsx';
import { formatDuration } from '../words/format.ts';
import { FAULT_WORDS } from '../words/terms.ts';
import { ToolName } from './name.tsx';
import { type Column, Table } from './table.tsx';
import { Time } from './time.tsx';

/** What a row says of a call. What an answer does not have is left out. */
export type ShownCall = Pick<Call, 'event_id' | 'started_at' | 'name' | 'duration_ms' | 'success' | 'correlation_id'> &
  Partial<Pick<Call, 'kind' | 'error_code' | 'error_type' | 'error_message' | 'fault' | 'client_name' | 'version'>>;

interface CallsTableProps {
  readonly title: string;
  readonly calls: readonly ShownCall[];
  /** Whether the calls are of several names. */
  readonly withName?: boolean;
  /** Whether all of them failed in the same way, which is then said elsewhere. */
  readonly areAlike?: boolean;
}

const Outcome = ({ call: { success, error_code, error_type, error_message, fault } }: { call: ShownCall }) => {
  if (success) return <span class="healthy-text">succeeded</span>;
  return (
    <>
      <code>{error_code}</code>
      {fault && <span class="note"> {FAULT_WORDS[fault]} fault</span>}
      <span class="message">{error_message ?? error_type}</span>
    </>
  );
};

const NAME: Column<ShownCall> = {
  title: 'Name',
  cell: ({ name, kind = 'tool' }) => (kind === 'tool' ? <ToolName name={name} /> : `${kind} ${name}`),
};
const CLIENT: Column<ShownCall> = { title: 'Client', cell: ({ client_name }) => client_name ?? '–' };

const VERSION: Column<ShownCall> = { title: 'Version', cell: ({ version }) => version ?? '–' };
const OUTCOME: Column<ShownCall> = { title: 'Outcome', kind: 'text', cell: (call) => <Outcome call={call} /> };

const columnsOf = ({ calls, withName = true, areAlike = false }: CallsTableProps): Column<ShownCall>[] => [
  {
    title: 'When',
    cell: ({ event_id, started_at }) => (
      <Link to="call" parameters={{ id: event_id, at: started_at }}>
        <Time at={started_at} withSeconds />
      </Link>
    ),
  },
  ...(withName ? [NAME] : []),
  areAlike ? VERSION : OUTCOME,
  { title: 'Duration', kind: 'number', cell: ({ duration_ms }) => formatDuration(duration_ms) },
  ...(calls.some(({ client_name }) => client_name !== undefined) ? [CLIENT] : []),
  { title: 'Correlation id', cell: ({ correlation_id }) => <code class="id">{correlation_id}</code> },
];

/** Calls, each with what became of it and the correlation id that finds it in the log; the time leads to the call. */
export const CallsTable = (props: CallsTableProps) => (
  <Table title={props.title} rows={props.calls} keyOf={({ event_id }) => event_id} columns={columnsOf(props)} />
);
