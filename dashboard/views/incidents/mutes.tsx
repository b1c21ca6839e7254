import { useState } from 'preact/hooks';
import type { Mute } from '../../../lambdas/contract/mutes.ts';
import { useAnswer } from '../../data/context.ts';
import { getMutes } from '../../data/questions.ts';
import { change } from '../../data/request.ts';
import { ActionForm, ReasonField } from '../../parts/action-form.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { formatCount } from '../../words/format.ts';

const DURATIONS = [
  ['60', '1 hour'],
  ['240', '4 hours'],
  ['480', '8 hours'],
  ['1440', '1 day'],
  ['10080', '7 days'],
] as const;

const bodyOf = (written: FormData) => ({
  kind: String(written.get('kind')),
  name: String(written.get('name')).trim(),
  minutes: Number(written.get('minutes')),
  reason: String(written.get('reason')).trim(),
});

const MuteForm = ({ parameters, onDone }: ViewProps & { onDone: () => void }) => (
  <ActionForm
    action="Mute"
    done="Done. It begins with the next full minute."
    onDone={onDone}
    send={(written) => change('POST', '/v1/mutes', bodyOf(written))}
  >
    <label>
      <span>What</span>
      <select name="kind" value={parameters.kind ?? 'tool'}>
        <option value="tool">a tool</option>
        <option value="provider">a provider</option>
        <option value="alarm">an alarm</option>
      </select>
    </label>
    <label>
      <span>Name</span>
      <input name="name" required maxLength={255} defaultValue={parameters.name ?? ''} autocomplete="off" />
    </label>
    <label>
      <span>For</span>
      <select name="minutes">
        {DURATIONS.map(([minutes, words]) => (
          <option key={minutes} value={minutes}>
            {words}
          </option>
        ))}
      </select>
    </label>
    <ReasonField />
  </ActionForm>
);

/** A mute rule of the settings is changed there, and one of CloudWatch there. */
const canEnd = ({ kind, status }: Mute): boolean => kind !== 'rule' && status !== 'ended';

const EndButton = ({ mute, onDone }: { mute: Mute; onDone: () => void }) => (
  <ActionForm
    action="End it"
    done="Ended."
    onDone={onDone}
    send={() => change('DELETE', `/v1/mutes/${encodeURIComponent(mute.id)}`, {})}
  >
    <span class="visually-hidden">the mute of {mute.name}</span>
  </ActionForm>
);

const Swallowed = ({ mute: { swallowed, swallowed_total, firing } }: { mute: Mute }) => (
  <>
    {swallowed_total === 0 ? 'nothing' : formatCount(swallowed_total, 'notification')}
    {swallowed[0] && <span class="note">, last {swallowed[0].alarm}</span>}
    {firing.length > 0 && <span class="problem"> firing now: {firing.join(', ')}</span>}
  </>
);

const MutesTable = ({ mutes, onDone }: { mutes: readonly Mute[]; onDone: () => void }) => (
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
        cell: ({ ends_at }) => (ends_at === null ? <span class="problem">no end</span> : <Time at={ends_at} />),
      },
      { title: 'Alarms', kind: 'number', cell: ({ alarms_total }) => alarms_total },
      { title: 'Not sent because of it', kind: 'text', cell: (mute) => <Swallowed mute={mute} /> },
      { title: 'End', cell: (mute) => (canEnd(mute) ? <EndButton mute={mute} onDone={onDone} /> : '–') },
    ]}
  />
);

/** Mutes with what each swallowed, and the way to make one: with a reason and an end. */
export const MutesView = ({ parameters }: ViewProps) => {
  useTitle('Mutes');
  const [changes, setChanges] = useState(0);
  const mutes = useAnswer('mutes', getMutes, changes);
  const again = () => setChanges((count) => count + 1);
  return (
    <>
      <h1 class="view-title">Mutes</h1>
      <Report of={mutes}>
        {({ mutes: all }) =>
          all.length === 0 ? <Nothing>Nothing is muted.</Nothing> : <MutesTable mutes={all} onDone={again} />
        }
      </Report>
      <Section title="Mute alarms">
        <MuteForm parameters={parameters} onDone={again} />
      </Section>
    </>
  );
};
