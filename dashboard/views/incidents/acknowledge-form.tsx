import type { Incident } from '../../../lambdas/contract/api/incidents.ts';
import { change } from '../../data/request.ts';
import { ActionForm, NoteField } from '../../parts/action-form.tsx';
import { textIn } from '../../parts/fields.tsx';
import { Section } from '../../parts/section.tsx';

/** The body of the request, from what is written in the form. */
export const acknowledgementIn = (written: FormData): { note?: string } => {
  const note = textIn(written, 'note');
  return note === undefined ? {} : { note };
};

interface AcknowledgeFormProps {
  readonly incident: Pick<Incident, 'incident_id' | 'acknowledged'>;
  readonly onDone: () => void;
}

/** Lets the reader tell others that they work on an incident. They may take it over from somebody else. */
export const AcknowledgeForm = ({ incident: { incident_id, acknowledged }, onDone }: AcknowledgeFormProps) => (
  <Section title="Work on it">
    <p class="note">
      {acknowledged === null
        ? 'Others will see that you work on it. Messages about it go on.'
        : `${acknowledged.by} works on it. If you take over, say so here: others will see your name instead.`}
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
