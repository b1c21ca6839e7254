import type { JobSource, ListedJob, QueuesReport } from '../../../lambdas/contract/jobs/reports.ts';
import { useAnswer, useMayOperate } from '../../data/context.ts';
import { askJobs, askQueues } from '../../data/questions.ts';
import { Filter, type FilterField, filtersIn } from '../../parts/filter.tsx';
import { ToolName } from '../../parts/name.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatDuration, formatNumber, formatPercent } from '../../words/format.ts';
import { JobStatusBadge } from './job-status.tsx';
import { PausesSection } from './pauses.tsx';

/** The first is what is shown where an address states nothing. */
const FIELDS: readonly FilterField[] = [
  {
    name: 'status',
    label: 'State',
    choices: [
      ['', 'Failed'],
      ['quarantined', 'In quarantine'],
      ['pending', 'Waiting'],
      ['processing', 'Running'],
      ['processed', 'Made'],
      ['all', 'All'],
    ],
  },
  { name: 'source', label: 'Source', placeholder: 'stripe' },
  { name: 'tool', label: 'Tool', placeholder: 'name_of_a_tool' },
];
const OTHERS = ['batch_id'];

const countOf = (status: string, count: (source: JobSource) => number) => (source: JobSource) =>
  count(source) === 0 ? (
    '0'
  ) : (
    <Link to="queues" parameters={{ status, source: source.source }}>
      {formatNumber(count(source))}
    </Link>
  );

const SourcesTable = ({ sources }: Pick<QueuesReport, 'sources'>) => (
  <Table
    title="Sources of jobs"
    rows={sources}
    keyOf={({ source }) => source}
    columns={[
      { title: 'Source', kind: 'text', cell: ({ source }) => source },
      { title: 'Due or running', kind: 'number', cell: ({ depth }) => formatNumber(depth) },
      {
        title: 'Oldest waits',
        kind: 'number',
        cell: ({ oldest_seconds }) => (oldest_seconds === 0 ? '–' : formatDuration(oldest_seconds * 1_000)),
      },
      { title: 'Held back', kind: 'number', cell: ({ held }) => formatNumber(held) },
      { title: 'Later', kind: 'number', cell: ({ later }) => formatNumber(later) },
      { title: 'Failed', kind: 'number', cell: countOf('', ({ failed }) => failed) },
      { title: 'In quarantine', kind: 'number', cell: countOf('quarantined', ({ quarantined }) => quarantined) },
      { title: 'Made in an hour', kind: 'number', cell: ({ processed_per_hour }) => formatNumber(processed_per_hour) },
      { title: 'Takes', kind: 'number', cell: ({ processing_ms }) => formatDuration(processing_ms) },
    ]}
  />
);

const JobsTable = ({ jobs }: { jobs: readonly ListedJob[] }) => (
  <Table
    title="Jobs, those received last first"
    rows={jobs}
    keyOf={({ job_id }) => job_id}
    columns={[
      {
        title: 'Received',
        cell: ({ job_id, received_at }) => (
          <Link to="job" parameters={{ id: job_id }}>
            <Time at={received_at} withSeconds />
          </Link>
        ),
      },
      { title: 'State', cell: ({ status }) => <JobStatusBadge status={status} /> },
      { title: 'Source', cell: ({ source }) => source },
      { title: 'Tool', cell: ({ tool }) => <ToolName name={tool} /> },
      { title: 'Attempts', kind: 'number', cell: ({ attempts, max_attempts }) => `${attempts} of ${max_attempts}` },
      {
        title: 'Why',
        kind: 'text',
        cell: ({ error_code, error_message, reason, progress }) => (
          <>
            {error_code && <code>{error_code}</code>}
            <span class="message">{reason ?? error_message ?? progress}</span>
          </>
        ),
      },
    ]}
  />
);

const Jobs = ({ parameters }: ViewProps) => {
  const { status, ...others } = filtersIn({ parameters, fields: FIELDS, others: OTHERS });
  const jobs = useAnswer(askJobs({ ...others, status: status === 'all' ? undefined : status || 'error' }));
  return (
    <Section title="Jobs">
      <Filter view="queues" parameters={parameters} fields={FIELDS} others={OTHERS} />
      <Report of={jobs}>
        {({ jobs: all, next }) => (
          <>
            {all.length === 0 ? <Nothing>No job matches this.</Nothing> : <JobsTable jobs={all} />}
            <Pages view="queues" parameters={parameters} next={next} />
          </>
        )}
      </Report>
    </Section>
  );
};

const Syncs = ({ syncs, sync_errors }: Pick<QueuesReport, 'syncs' | 'sync_errors'>) => (
  <Section title="Synchronisations of 24 hours">
    <Table
      title="Synchronisations"
      rows={syncs}
      keyOf={({ tenant_id, direction, entity_type }) => joinKey(tenant_id, direction, entity_type)}
      columns={[
        {
          title: 'What',
          kind: 'text',
          cell: ({ direction, entity_type }) => (
            <Link to="calls" parameters={{ kind: 'sync', name: `${direction}:${entity_type}`, minutes: 1_440 }}>
              {direction} {entity_type}
            </Link>
          ),
        },
        { title: 'Succeeded', kind: 'number', cell: ({ success_rate }) => formatPercent(success_rate) },
        {
          title: 'Failed',
          kind: 'number',
          cell: ({ failed_operations, total_operations }) => `${failed_operations} of ${total_operations}`,
        },
        { title: 'Takes', kind: 'number', cell: ({ avg_duration_ms }) => formatDuration(avg_duration_ms) },
        { title: 'Last success', cell: ({ last_success_at }) => <Ago at={last_success_at} /> },
        { title: 'Tenant', cell: ({ tenant_id }) => tenant_id },
      ]}
    />
    {sync_errors.length > 0 && (
      <Table
        title="The newest synchronisations that failed"
        rows={sync_errors}
        keyOf={({ event_id }) => event_id}
        columns={[
          {
            title: 'When',
            cell: ({ event_id, started_at }) => (
              <Link to="call" parameters={{ id: event_id, at: started_at }}>
                <Time at={started_at} withSeconds />
              </Link>
            ),
          },
          { title: 'What', cell: ({ direction, entity_type }) => `${direction} ${entity_type}` },
          {
            title: 'Why',
            kind: 'text',
            cell: ({ error_code, error_message }) => (
              <>
                <code>{error_code}</code>
                <span class="message">{error_message}</span>
              </>
            ),
          },
        ]}
      />
    )}
  </Section>
);

const OtherQueues = ({ queues }: Pick<QueuesReport, 'queues'>) => (
  <Section title="Queues by their calls">
    <Table
      title="Queues"
      rows={queues}
      keyOf={({ tenant_id, queue }) => joinKey(tenant_id, queue)}
      columns={[
        {
          title: 'Queue',
          kind: 'text',
          cell: ({ queue }) => (
            <Link to="calls" parameters={{ kind: 'job', name: queue, minutes: 1_440 }}>
              {queue}
            </Link>
          ),
        },
        { title: 'Depth', kind: 'number', cell: ({ queue_depth }) => formatNumber(queue_depth) },
        { title: 'Failed', kind: 'number', cell: ({ failed, processed }) => `${failed} of ${processed}` },
        {
          title: 'Made in an hour',
          kind: 'number',
          cell: ({ processed_per_hour }) => formatNumber(processed_per_hour),
        },
        { title: 'Takes', kind: 'number', cell: ({ avg_processing_ms }) => formatDuration(avg_processing_ms) },
        { title: 'Last', cell: ({ last_processed_at }) => <Ago at={last_processed_at} /> },
        { title: 'Tenant', cell: ({ tenant_id }) => tenant_id },
      ]}
    />
  </Section>
);

/** What waits, runs and fails, and what somebody holds back; the filter of jobs is in the address. */
export const QueuesView = ({ parameters }: ViewProps) => {
  useTitle('Queues');
  const report = useAnswer(askQueues());
  const mayOperate = useMayOperate();
  return (
    <>
      <h1 class="view-title">Queues</h1>
      <Report of={report}>
        {({ sources, pauses, queues, syncs, sync_errors }) => (
          <>
            {sources.length === 0 ? <Nothing>No job is known.</Nothing> : <SourcesTable sources={sources} />}
            {mayOperate && <PausesSection pauses={pauses} />}
            {queues.length > 0 && <OtherQueues queues={queues} />}
            {syncs.length > 0 && <Syncs syncs={syncs} sync_errors={sync_errors} />}
          </>
        )}
      </Report>
      <Jobs parameters={parameters} />
    </>
  );
};
