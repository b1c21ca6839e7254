import type { Session } from '../../../lambdas/contract/api/sessions.ts';
import { useAnswer } from '../../data/context.ts';
import { askSession, askSessions } from '../../data/questions.ts';
import { CallsTable } from '../../parts/calls-table.tsx';
import { Filter, type FilterField, filtersIn, windowField } from '../../parts/filter.tsx';
import { Pages } from '../../parts/pages.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Facts } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { windowAround, windowIn } from '../../tools/call-window.ts';
import { formatNumber } from '../../words/format.ts';

const fieldsOf = (parameters: ViewProps['parameters']): FilterField[] => [
  { name: 'client_name', label: 'Client' },
  { name: 'user_id', label: 'User' },
  windowField(parameters, [
    ['1440', 'Last 24 h'],
    ['60', 'Last hour'],
    ['10080', 'Last 7 d'],
  ]),
];
const OTHERS = ['tenant_id', 'from', 'to'];

const windowOf = ({ started_at, last_call_at }: Session) =>
  windowAround(Date.parse(started_at), Date.parse(last_call_at));

const OneSession = ({ id, parameters }: ViewProps & { id: string }) => {
  const report = useAnswer(askSession(id, { tenant_id: parameters.tenant_id, ...windowIn(parameters) }));
  return (
    <>
      <h1 class="view-title">Session</h1>
      <Report of={report}>
        {({ session, journey }) => (
          <>
            <Facts
              facts={[
                ['Client', session.client_name ?? 'unknown'],
                ['User', session.user_id ?? 'unknown'],
                ['Began', <Time at={session.started_at} />],
                ['Last call', <Ago at={session.last_call_at} />],
                ['Calls', formatNumber(session.calls)],
                ['Failed', formatNumber(session.failures)],
                ['Id', <code class="id">{session.session_id}</code>],
                ['Tenant', session.tenant_id],
              ]}
            />
            <CallsTable
              title="Its calls, the earliest first"
              calls={journey.map((step) => ({ ...step, name: step.tool_name }))}
            />
            {session.calls > journey.length && (
              <More>
                The first {journey.length} of {formatNumber(session.calls)}.{' '}
                <Link to="calls" parameters={{ session_id: id, tenant_id: session.tenant_id, ...windowOf(session) }}>
                  All of its calls
                </Link>
              </More>
            )}
          </>
        )}
      </Report>
    </>
  );
};

const AllSessions = ({ parameters }: ViewProps) => {
  const narrowing = { parameters, fields: fieldsOf(parameters), others: OTHERS };
  const sessions = useAnswer(askSessions(filtersIn(narrowing)));
  return (
    <>
      <h1 class="view-title">Sessions</h1>
      <Filter view="sessions" {...narrowing} />
      <Report of={sessions}>
        {({ sessions: all, next }) => (
          <>
            {all.length === 0 ? (
              <Nothing>No session has a call in this window.</Nothing>
            ) : (
              <Table
                title="Sessions, those with the newest calls first"
                rows={all}
                keyOf={({ tenant_id, session_id }) => joinKey(tenant_id, session_id)}
                columns={[
                  {
                    title: 'Last call',
                    cell: ({ tenant_id, session_id, last_call_at }) => (
                      <Link to="sessions" parameters={{ id: session_id, tenant_id, ...windowIn(parameters) }}>
                        <Time at={last_call_at} />
                      </Link>
                    ),
                  },
                  { title: 'Client', cell: ({ client_name }) => client_name ?? 'unknown' },
                  { title: 'User', cell: ({ user_id }) => user_id ?? 'unknown' },
                  { title: 'Calls', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
                  { title: 'Failed', kind: 'number', cell: ({ failures }) => formatNumber(failures) },
                  { title: 'Journey', kind: 'text', cell: ({ tools }) => tools.join(' → ') },
                ]}
              />
            )}
            <Pages view="sessions" parameters={parameters} next={next} />
          </>
        )}
      </Report>
    </>
  );
};

/** What clients did from tool to tool: all sessions, or one. */
export const SessionsView = ({ parameters }: ViewProps) => {
  useTitle('Sessions');
  return parameters.id === undefined ? (
    <AllSessions parameters={parameters} />
  ) : (
    <OneSession id={parameters.id} parameters={parameters} />
  );
};
