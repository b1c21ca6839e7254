import type { JobReport, ListedJob } from '../../../lambdas/contract/jobs/reports.ts';
import { useAnswer, useMayOperate } from '../../data/context.ts';
import { askJob } from '../../data/questions.ts';
import { change } from '../../data/request.ts';
import { askAgain } from '../../data/use-polling.ts';
import { ActionForm, ReasonField } from '../../parts/action-form.tsx';
import { CallsTable } from '../../parts/calls-table.tsx';
import { type Choice, Select, textIn } from '../../parts/fields.tsx';
import { Unnamed } from '../../parts/guard.tsx';
import { ToolName } from '../../parts/name.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { Facts, Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatNumber, formatPercent } from '../../words/format.ts';
import { JobStatusBadge } from './job-status.tsx';

/** Another job, by its id. */
const Other = ({ id }: { id: string }) => (
  <Link to="job" parameters={{ id }}>
    <code class="id">{id}</code>
  </Link>
);

const factsOf = (job: ListedJob, hasPayload: boolean) =>
  [
    ['State', <JobStatusBadge status={job.status} />],
    ['Tool', <ToolName name={job.tool} />],
    [
      'Source',
      <Link to="queues" parameters={{ source: job.source, status: 'all' }}>
        {job.origin} {job.source}
      </Link>,
    ],
    job.delivery_key === null ? undefined : (['Its key there', <code>{job.delivery_key}</code>] as const),
    ['Tenant', job.tenant_id],
    ['Received', <Time at={job.received_at} withSeconds />],
    job.status === 'pending' ? (['Due', <Time at={job.due_at} withSeconds />] as const) : undefined,
    ['Attempts', `${job.attempts} of ${job.max_attempts}`],
    job.processed_at === null ? undefined : (['Ended', <Time at={job.processed_at} withSeconds />] as const),
    job.direction === null ? undefined : (['Synchronises', `${job.direction} ${job.entity_type}`] as const),
    job.percent === null && job.progress === null
      ? undefined
      : (['Has come to', `${formatPercent(job.percent)} ${job.progress ?? ''}`] as const),
    job.error_code === null
      ? undefined
      : ([
          'Last failure',
          <>
            <code>{job.error_code}</code> {job.error_message}
          </>,
        ] as const),
    job.reason === null ? undefined : (['In quarantine because', job.reason] as const),
    job.replay_of === null ? undefined : (['Repeats', <Other id={job.replay_of} />] as const),
    job.replayed_by === null ? undefined : (['Repeated by', <Other id={job.replayed_by} />] as const),
    ['What arrived', hasPayload ? `${formatNumber(job.payload_bytes)} bytes` : 'erased'],
  ] as const;

const REPLAY: Choice = ['replay', 'Replay'];
const QUARANTINE: Choice = ['quarantine', 'Hold back'];
const RELEASE: Choice = ['release', 'Release'];

/** What can be done with a job as it stands. */
const actionsFor = ({ job: { status, replayed_by }, has_payload }: JobReport): readonly Choice[] => {
  if (status === 'quarantined') return [RELEASE];
  if (replayed_by !== null || status === 'processing') return [];
  if (status === 'pending') return [QUARANTINE];
  return [...(has_payload ? [REPLAY] : []), ...(status === 'error' ? [QUARANTINE] : [])];
};

const Actions = ({ report }: { report: JobReport }) => {
  const actions = actionsFor(report);
  const { job_id } = report.job;
  if (actions.length === 0) return <Nothing>Nothing can be done with it as it stands.</Nothing>;
  return (
    <ActionForm
      action="Do it"
      to={`with the job ${job_id}`}
      done="Done. It is shown above within a moment."
      onDone={() => askAgain(askJob(job_id))}
      send={(written) =>
        change('POST', `/v1/jobs/${job_id}/${textIn(written, 'action') ?? ''}`, { reason: textIn(written, 'reason') })
      }
    >
      <Select label="What" name="action" choices={actions} />
      <ReasonField />
    </ActionForm>
  );
};

const Job = ({ report }: { report: JobReport }) => {
  const mayOperate = useMayOperate();
  return (
    <>
      <Facts facts={factsOf(report.job, report.has_payload)} />
      <Section title="Its attempts">
        {report.calls.length === 0 ? (
          <Nothing>No call for it is stored.</Nothing>
        ) : (
          <CallsTable title="Calls that were made for it" calls={report.calls} />
        )}
      </Section>
      {mayOperate && (
        <Section title="Do something with it">
          <Actions report={report} />
        </Section>
      )}
    </>
  );
};

/** One job: where it comes from, how it stands, the calls that were made for it, and what can be done with it. */
export const JobView = ({ parameters: { id = '' } }: ViewProps) => {
  const report = useAnswer(id === '' ? undefined : askJob(id));
  const title = report.answer ? `${report.answer.job.tool} for ${report.answer.job.source}` : 'Job';
  useTitle(title);
  if (id === '') return <Unnamed what="job" />;
  return (
    <>
      <h1 class="view-title">{title}</h1>
      <Report of={report}>{(answer) => <Job report={answer} />}</Report>
    </>
  );
};
