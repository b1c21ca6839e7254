import { useState } from 'preact/hooks';
import { DAY_MS } from '../../../lambdas/contract/durations.ts';
import type { ErrorGroup } from '../../../lambdas/contract/error-groups.ts';
import { change } from '../../data/request.ts';
import { serverNow } from '../../data/server-clock.ts';
import { ActionForm, ReasonField } from '../../parts/action-form.tsx';
import { Select, TextField, textIn } from '../../parts/fields.tsx';

const DECISIONS = [
  ['resolved', 'Resolve'],
  ['muted', 'Mute'],
  ['open', 'Open again'],
] as const;
type Decision = (typeof DECISIONS)[number][0];

const MUTE_DAYS = [
  ['1', '1 day'],
  ['7', '7 days'],
  ['30', '30 days'],
  ['90', '90 days'],
] as const;

/** What the api is sent of what is written. */
const bodyOf = (state: Decision, written: FormData) => ({
  state,
  reason: textIn(written, 'reason'),
  ...(state === 'resolved' && { version: textIn(written, 'version') }),
  ...(state === 'muted' && { until: new Date(serverNow() + Number(textIn(written, 'days')) * DAY_MS).toISOString() }),
});

/** Resolves a group, mutes it until a day, or opens it again; each with the reason, which the audit keeps. */
export const DecideForm = ({ group, onDone }: { group: ErrorGroup; onDone: () => void }) => {
  const [decision, setDecision] = useState<Decision>('resolved');
  const action = DECISIONS.find(([state]) => state === decision)?.[1] ?? 'Save';
  return (
    <ActionForm
      action={action}
      done="Done. It is shown above within a moment."
      onDone={onDone}
      send={(written) => change('PUT', `/v1/error-groups/${group.group_id}`, bodyOf(decision, written))}
    >
      <Select
        label="Decision"
        choices={DECISIONS}
        initial={decision}
        onChoice={({ value }) => setDecision(value as Decision)}
      />
      {decision === 'resolved' && <TextField label="In version" name="version" placeholder="the newest" />}
      {decision === 'muted' && <Select label="For" name="days" choices={MUTE_DAYS} />}
      <ReasonField />
    </ActionForm>
  );
};
