import type { Pause, QueuesReport } from '../../../lambdas/contract/jobs/reports.ts';
import { askQueues } from '../../data/questions.ts';
import { change } from '../../data/request.ts';
import { askAgain } from '../../data/use-polling.ts';
import { ActionForm, ReasonField } from '../../parts/action-form.tsx';
import { Select, TextField, textIn } from '../../parts/fields.tsx';
import { Section } from '../../parts/section.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';

const SCOPES = [
  ['source', 'a source'],
  ['tool', 'a tool'],
] as const;

const askQueuesAgain = () => askAgain(askQueues());

const pathOf = (scope: string, name: string): string => `/v1/job-pauses/${scope}/${encodeURIComponent(name)}`;

const EndButton = ({ pause: { scope, name } }: { pause: Pause }) => (
  <ActionForm
    action="Let it go on"
    to={`${scope} ${name}`}
    done="It goes on."
    onDone={askQueuesAgain}
    send={() => change('DELETE', pathOf(scope, name), {})}
  />
);

/** What somebody holds back, and how to hold back more. */
export const PausesSection = ({ pauses }: Pick<QueuesReport, 'pauses'>) => (
  <Section title="Held back">
    {pauses.length > 0 && (
      <Table
        title="What is held back"
        rows={pauses}
        keyOf={({ scope, name }) => joinKey(scope, name)}
        columns={[
          { title: 'What', cell: ({ scope, name }) => `${scope} ${name}` },
          { title: 'Why', kind: 'text', cell: ({ reason }) => reason },
          { title: 'By', cell: ({ paused_by }) => paused_by },
          { title: 'Since', cell: ({ paused_at }) => <Time at={paused_at} /> },
          { title: 'End', cell: (pause) => <EndButton pause={pause} /> },
        ]}
      />
    )}
    <ActionForm
      action="Hold back"
      done="Done. What runs now goes on."
      onDone={askQueuesAgain}
      send={(written) =>
        change('PUT', pathOf(textIn(written, 'scope') ?? 'source', textIn(written, 'name') ?? ''), {
          reason: textIn(written, 'reason') ?? '',
        })
      }
    >
      <Select label="All jobs of" name="scope" choices={SCOPES} />
      <TextField label="Name" name="name" required maxLength={255} />
      <ReasonField />
    </ActionForm>
  </Section>
);
