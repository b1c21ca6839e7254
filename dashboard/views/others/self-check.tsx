import { useAnswer } from '../../data/context.ts';
import { getSelfCheck } from '../../data/questions.ts';
import { Nothing, Report } from '../../parts/report.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';

/** What of the monitoring is switched off, missing or muted, as the self-check of each hour found it. */
export const SelfCheckView = () => {
  useTitle('Self-check');
  const report = useAnswer('self-check', getSelfCheck);
  return (
    <>
      <h1 class="view-title">Self-check</h1>
      <Report of={report}>
        {({ checked_at, findings }) => (
          <>
            <p class="note">
              Looked at <Ago at={checked_at} />; it looks every hour.
            </p>
            {findings.length === 0 ? (
              <Nothing>{checked_at === null ? 'It has not run yet.' : 'Everything that should watch does.'}</Nothing>
            ) : (
              <Table
                title="Findings"
                rows={findings}
                keyOf={({ id }) => id}
                toneOf={() => 'warning'}
                columns={[
                  { title: 'What', kind: 'text', cell: ({ what }) => what },
                  { title: 'What to do', kind: 'text', cell: ({ remedy }) => remedy },
                  { title: 'Since', cell: ({ since }) => <Time at={since} /> },
                  { title: 'Finding', cell: ({ id }) => <code>{id}</code> },
                ]}
              />
            )}
          </>
        )}
      </Report>
    </>
  );
};
