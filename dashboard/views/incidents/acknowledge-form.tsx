import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import { change } from '../../data/request.ts';
import { ActionForm, NoteField } from '../../parts/action-form.tsx';
import { textIn } from '../../parts/fields.tsx';
import { Section } from '../../parts/section.tsx';

/** What the function operate is sent of what is written. */
export const acknowledgementIn = (written: FormData): { note?: string } => {
  const note = textIn(written, 'note');
  return note === undefined ? {} : { note };
};

interface AcknowledgeFormProps {
  readonly incident: Pick<Incident, 'incident_id' | 'acknowledged'>;
  readonly onDone: () => void;
}

/** Says to all others that whoever reads works on an incident, also where somebody else did until now. */
export const AcknowledgeForm = ({ incident: { incident_id, acknowledged }, onDone }: AcknowledgeFormProps) => (
  <Section title="Work on it">
    <p class="note">
      {acknowledged === null
        ? 'Others see then that somebody does. Messages about it go on.'
        : `${acknowledged.by} does. Whoever takes over says so here, and is shown instead.`}
    </p>
    <ActionForm
      action="I work on this"
      done="Done. It is shown above within a minute."
      onDone={onDone}
      send={(written) =>
        change('PUT', `/v1/incidents/${encodeURIComponent(incident_id)}/acknowledgement`, acknowledgementIn(written))
      }
    >
      <NoteField />
    </ActionForm>
  </Section>
);
