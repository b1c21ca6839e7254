import type { CallReport, WholeCall } from '../../../lambdas/contract/api/calls.ts';
import { Waterfall } from '../../charts/waterfall.tsx';
import { toWaterfall } from '../../charts/waterfall-rows.ts';
import { useAnswer } from '../../data/context.ts';
import { askCall } from '../../data/questions.ts';
import { Unnamed } from '../../parts/guard.tsx';
import { ProviderName, ToolName } from '../../parts/name.tsx';
import { More, Report } from '../../parts/report.tsx';
import { Facts, Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { dayAround } from '../../tools/call-window.ts';
import { formatCost, formatCount, formatDuration, formatNumber } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';

/** The most calls of a thread that an answer has. */
const MAX_THREAD = 200;

/** Fields that are shown as they are, where a call has them. */
const PLAIN = [
  ['Client', 'client_name'],
  ['Client version', 'client_version'],
  ['GPT', 'gpt_name'],
  ['User agent', 'user_agent'],
  ['Domain', 'domain'],
  ['Tenant', 'tenant_id'],
  ['Service', 'service'],
  ['Environment', 'environment'],
  ['Trace id', 'trace_id'],
] as const satisfies readonly (readonly [string, keyof WholeCall])[];

const outcomeOf = (call: WholeCall) =>
  [
    ['Outcome', call.success ? 'succeeded' : <code class="problem">{call.error_code}</code>],
    call.fault === null ? undefined : (['Whose fault', `${FAULT_WORDS[call.fault]} fault`] as const),
    call.error_message === null ? undefined : (['Message', call.error_message] as const),
    call.error_type === null ? undefined : (['Type', call.error_type] as const),
    call.group_id === null
      ? undefined
      : ([
          'Error group',
          <Link to="error" parameters={{ id: call.group_id }}>
            All calls that fail like this
          </Link>,
        ] as const),
    call.retryable === null ? undefined : (['Worth a retry', call.retryable ? 'yes' : 'no'] as const),
  ] as const;

const factsOf = (call: WholeCall) =>
  [
    ['Of', call.kind === 'tool' ? <ToolName name={call.name} /> : `${call.kind} ${call.name}`],
    ['Began', <Time at={call.started_at} />],
    ['Took', `${formatDuration(call.duration_ms)}${call.cold_start ? ', with a cold start' : ''}`],
    ...outcomeOf(call),
    ['Attempts', formatNumber(call.attempts)],
    ['Version', <Link to="deployments">{call.version}</Link>],
    call.user_id === null
      ? undefined
      : ([
          'User',
          <Link to="calls" parameters={{ user_id: call.user_id, ...dayAround(call.started_at) }}>
            {call.user_id}
          </Link>,
        ] as const),
    call.session_id === null
      ? undefined
      : ([
          'Session',
          <Link
            to="sessions"
            parameters={{ id: call.session_id, tenant_id: call.tenant_id, ...dayAround(call.started_at) }}
          >
            {call.session_id}
          </Link>,
        ] as const),
    ['Correlation id', <code class="id">{call.correlation_id}</code>],
    call.provider === null
      ? undefined
      : (['Outside service', <ProviderName name={call.provider} window={dayAround(call.started_at)} />] as const),
    ...PLAIN.map(([title, field]) => (call[field] === null ? undefined : ([title, String(call[field])] as const))),
    call.request_bytes === null && call.response_bytes === null
      ? undefined
      : ([
          'Sizes',
          `${formatNumber(call.request_bytes)} bytes in, ${formatNumber(call.response_bytes)} bytes out`,
        ] as const),
    call.cost_usd === null ? undefined : (['Cost', formatCost(call.cost_usd)] as const),
    ['Event id', <code class="id">{call.event_id}</code>],
  ] as const;

const Dependencies = ({ dependencies }: Pick<CallReport, 'dependencies'>) => (
  <Section title="Outside services that it asked">
    <Table
      title="Outside services"
      rows={dependencies}
      keyOf={({ name }) => name}
      columns={[
        { title: 'Service', cell: ({ name }) => name },
        { title: 'Requests', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
        { title: 'Failed', kind: 'number', cell: ({ failed }) => formatNumber(failed) },
        { title: 'Time', kind: 'number', cell: ({ ms }) => formatDuration(ms) },
      ]}
    />
  </Section>
);

const WholeCallView = ({ report }: { report: CallReport }) => {
  const { call, dependencies, thread, log_url } = report;
  const details = { ...(call.metadata ?? {}), ...(call.measures ?? {}) };
  return (
    <>
      <p class="links">
        {log_url !== null && (
          <a href={log_url} rel="noreferrer">
            Its line in the log
          </a>
        )}
        <Link to="calls" parameters={{ correlation_id: call.correlation_id, ...dayAround(call.started_at) }}>
          Calls with its correlation id
        </Link>
      </p>
      <Facts facts={factsOf(call)} />
      <Section title={`Its thread, ${formatCount(thread.length, 'call')}`}>
        <Waterfall rows={toWaterfall(thread)} current={call.event_id} />
        {thread.length >= MAX_THREAD && (
          <More>Only its first {MAX_THREAD} calls are shown; all are among those with its correlation id.</More>
        )}
      </Section>
      {dependencies.length > 0 && <Dependencies dependencies={dependencies} />}
      {Object.keys(details).length > 0 && (
        <Section title="What the tool noted">
          {/* It may be long, and is scrolled to from the keyboard. */}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable. */}
          <pre tabIndex={0}>{JSON.stringify(details, null, 2)}</pre>
        </Section>
      )}
    </>
  );
};

/** One call whole, with its thread as a waterfall. */
export const CallView = ({ parameters: { id = '', at } }: ViewProps) => {
  const report = useAnswer(id === '' ? undefined : askCall(id, at));
  const call = report.answer?.call;
  const title = call ? `${call.name} ${call.success ? 'succeeded' : 'failed'}` : 'Call';
  useTitle(title);
  if (id === '') return <Unnamed what="call" />;
  return (
    <>
      <h1 class="view-title">{title}</h1>
      <Report of={report}>{(answer) => <WholeCallView report={answer} />}</Report>
    </>
  );
};
