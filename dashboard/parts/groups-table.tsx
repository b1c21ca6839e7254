import type { ErrorGroup } from '../../lambdas/contract/error-groups.ts';
import { Link } from '../router/link.tsx';
import { dayAround } from '../tools/call-window.ts';
import { formatNumber } from '../words/format.ts';
import { FAULT_WORDS, isOther, OTHER_WORDS } from '../words/terms.ts';
import { ProviderName, ToolName } from './name.tsx';
import { Badge } from './status.tsx';
import { type Column, Table } from './table.tsx';
import { Ago } from './time.tsx';

/** The tones of states: what is new needs eyes. */
const TONES: Readonly<Record<ErrorGroup['state'], string>> = {
  new: 'critical',
  regressed: 'critical',
  ongoing: 'warning',
  resolved: 'healthy',
  muted: 'quiet',
};

export const GroupState = ({ state }: Pick<ErrorGroup, 'state'>) => <Badge tone={TONES[state]}>{state}</Badge>;

/** What a group is, in a line. */
export const describeGroup = ({
  fingerprint,
  error_message,
  error_type,
  error_code,
}: Pick<ErrorGroup, 'fingerprint' | 'error_message' | 'error_type' | 'error_code'>): string =>
  isOther(fingerprint) ? OTHER_WORDS.group : (error_message ?? error_type ?? error_code);

const NAME: Column<ErrorGroup> = {
  title: 'Name',
  cell: ({ kind, name }) => (kind === 'tool' ? <ToolName name={name} /> : `${kind} ${name}`),
};

interface GroupsTableProps {
  readonly title: string;
  readonly groups: readonly ErrorGroup[];
  /** Whether the groups are of several names. */
  readonly withName?: boolean;
}

/** Groups of failures, each with its state, how often and whose fault. */
export const GroupsTable = ({ title, groups, withName = true }: GroupsTableProps) => (
  <Table
    title={title}
    rows={groups}
    keyOf={({ group_id }) => group_id}
    columns={[
      {
        title: 'Error',
        kind: 'text',
        cell: (group) => (
          <>
            <Link to="error" parameters={{ id: group.group_id }} class="cause">
              {describeGroup(group)}
            </Link>
            <span class="note below">
              <code>{group.error_code}</code> {FAULT_WORDS[group.fault]} fault
              {group.provider !== null && (
                <>
                  , at <ProviderName name={group.provider} window={dayAround(group.last_seen_at)} />
                </>
              )}
            </span>
          </>
        ),
      },
      { title: 'State', cell: (group) => <GroupState state={group.state} /> },
      ...(withName ? [NAME] : []),
      { title: 'Calls in 24 h', kind: 'number', cell: ({ calls_24h }) => formatNumber(calls_24h) },
      { title: 'Calls ever', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
      { title: 'Users', kind: 'number', cell: ({ users }) => formatNumber(users) },
      { title: 'Seen last', cell: ({ last_seen_at }) => <Ago at={last_seen_at} /> },
      { title: 'Since version', cell: ({ first_version }) => first_version },
    ]}
  />
);
