import { useState } from 'preact/hooks';
import { DAY_MS } from '../../../lambdas/contract/durations.ts';
import type { ErrorGroup } from '../../../lambdas/contract/error-groups.ts';
import { change } from '../../data/request.ts';
import { serverNow } from '../../data/server-clock.ts';
import { ActionForm, ReasonField } from '../../parts/action-form.tsx';

const DECISIONS = [
  ['resolved', 'Resolve'],
  ['muted', 'Mute'],
  ['open', 'Open again'],
] as const;
type Decision = (typeof DECISIONS)[number][0];

const MUTE_DAYS = ['1', '7', '30', '90'] as const;

const textOf = (written: FormData, name: string): string | undefined => {
  const text = String(written.get(name) ?? '').trim();
  return text === '' ? undefined : text;
};

/** What the api is sent of what is written. */
const bodyOf = (state: Decision, written: FormData) => ({
  state,
  reason: textOf(written, 'reason'),
  ...(state === 'resolved' && { version: textOf(written, 'version') }),
  ...(state === 'muted' && { until: new Date(serverNow() + Number(textOf(written, 'days')) * DAY_MS).toISOString() }),
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
      <label>
        <span>Decision</span>
        <select value={decision} onChange={({ currentTarget }) => setDecision(currentTarget.value as Decision)}>
          {DECISIONS.map(([state, words]) => (
            <option key={state} value={state}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {decision === 'resolved' && (
        <label>
          <span>In version</span>
          <input name="version" placeholder="the newest" autocomplete="off" />
        </label>
      )}
      {decision === 'muted' && (
        <label>
          <span>For</span>
          <select name="days">
            {MUTE_DAYS.map((days) => (
              <option key={days} value={days}>
                {days === '1' ? '1 day' : `${days} days`}
              </option>
            ))}
          </select>
        </label>
      )}
      <ReasonField />
    </ActionForm>
  );
};
