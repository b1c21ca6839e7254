import type { Mute } from '../../../lambdas/contract/mutes.ts';
import { useAnswer } from '../../data/context.ts';
import { askMutes } from '../../data/questions.ts';
import { change } from '../../data/request.ts';
import { askAgain } from '../../data/use-polling.ts';
import { ActionForm, ReasonField } from '../../parts/action-form.tsx';
import { Select, TextField, textIn } from '../../parts/fields.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { formatCount } from '../../words/format.ts';

const KINDS = [
  ['tool', 'a tool'],
  ['provider', 'a provider'],
  ['alarm', 'an alarm'],
] as const;

const DURATIONS = [
  ['60', '1 hour'],
  ['240', '4 hours'],
  ['480', '8 hours'],
  ['1440', '1 day'],
  ['10080', '7 days'],
] as const;

const askMutesAgain = () => askAgain(askMutes());

/** Empty fields are sent as empty texts: the answer says what to write. */
const bodyOf = (written: FormData) => ({
  kind: textIn(written, 'kind'),
  name: textIn(written, 'name') ?? '',
  minutes: Number(textIn(written, 'minutes')),
  reason: textIn(written, 'reason') ?? '',
});

const MuteForm = ({ parameters }: ViewProps) => (
  <ActionForm
    action="Mute"
    done="Done. It begins with the next full minute."
    onDone={askMutesAgain}
    send={(written) => change('POST', '/v1/mutes', bodyOf(written))}
  >
    <Select label="What" name="kind" choices={KINDS} initial={parameters.kind ?? 'tool'} />
    <TextField label="Name" name="name" required maxLength={255} initial={parameters.name ?? ''} />
    <Select label="For" name="minutes" choices={DURATIONS} />
    <ReasonField />
  </ActionForm>
);

/** A mute of kind `rule` is changed where it was made: in the settings, or in CloudWatch. */
const canEnd = ({ kind, status }: Mute): boolean => kind !== 'rule' && status !== 'ended';

const EndButton = ({ mute }: { mute: Mute }) => (
  <ActionForm
    action="End it"
    to={`the mute of ${mute.kind} ${mute.name}`}
    done="Ended."
    onDone={askMutesAgain}
    send={() => change('DELETE', `/v1/mutes/${encodeURIComponent(mute.id)}`, {})}
  />
);

/** Until when it lasts; one that recurs has no end, and no beginning either. */
const End = ({ mute: { starts_at, ends_at } }: { mute: Mute }) => {
  if (ends_at !== null) return <Time at={ends_at} />;
  return starts_at === null ? <>recurs</> : <span class="problem">no end</span>;
};

const Swallowed = ({ mute: { swallowed, swallowed_total, firing } }: { mute: Mute }) => (
  <>
    {swallowed_total === 0 ? 'nothing' : formatCount(swallowed_total, 'notification')}
    {swallowed[0] && (
      <span class="note">
        , last {swallowed[0].alarm} at <Time at={swallowed[0].at} />
      </span>
    )}
    {firing.length > 0 && <span class="problem"> firing now: {firing.join(', ')}</span>}
  </>
);

const MutesTable = ({ mutes }: { mutes: readonly Mute[] }) => (
  <Table
    title="Mutes"
    rows={mutes}
    keyOf={({ id }) => id}
    columns={[
      { title: 'What', kind: 'text', cell: ({ kind, name }) => `${kind} ${name}` },
      {
        title: 'State',
        cell: ({ status }) => <Badge tone={status === 'active' ? 'warning' : 'quiet'}>{status}</Badge>,
      },
      { title: 'Why', kind: 'text', cell: ({ reason }) => reason },
      { title: 'Who', cell: ({ actor }) => actor ?? 'unknown' },
      {
        title: 'Until',
        cell: (mute) => <End mute={mute} />,
      },
      { title: 'Alarms', kind: 'number', cell: ({ alarms_total }) => alarms_total },
      { title: 'Swallowed', kind: 'text', cell: (mute) => <Swallowed mute={mute} /> },
      { title: 'End', cell: (mute) => (canEnd(mute) ? <EndButton mute={mute} /> : '–') },
    ]}
  />
);

/** Mutes with what each swallowed in seven days, and the way to make one: with a reason and an end. */
export const MutesView = ({ parameters }: ViewProps) => {
  useTitle('Mutes');
  const mutes = useAnswer(askMutes());
  return (
    <>
      <h1 class="view-title">Mutes</h1>
      <Report of={mutes}>
        {({ mutes: all }) => (all.length === 0 ? <Nothing>Nothing is muted.</Nothing> : <MutesTable mutes={all} />)}
      </Report>
      {!mutes.isForbidden && (
        <Section title="Mute alarms">
          <p class="note">While it lasts, these alarms send nothing; what is still wrong afterwards is sent then.</p>
          <MuteForm parameters={parameters} />
        </Section>
      )}
    </>
  );
};
