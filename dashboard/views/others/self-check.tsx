import { HOUR_MS } from '../../../lambdas/contract/durations.ts';
import { useAnswer, useNow } from '../../data/context.ts';
import { askSelfCheck } from '../../data/questions.ts';
import { Nothing, Report } from '../../parts/report.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import { Completeness } from './completeness.tsx';

/** After two runs that were missed, what it found is old. */
const isOld = (checkedAt: string, now: number): boolean => now - Date.parse(checkedAt) > 3 * HOUR_MS;

/** What of the monitoring is switched off, missing or muted, as the self-check of each hour found it. */
export const SelfCheckView = () => {
  useTitle('Self-check');
  const now = useNow(60_000);
  const report = useAnswer(askSelfCheck());
  return (
    <>
      <h1 class="view-title">Self-check</h1>
      <Report of={report}>
        {({ checked_at, findings }) => (
          <>
            {checked_at !== null && (
              <p class={isOld(checked_at, now) ? 'problem' : 'note'}>
                It looked <Ago at={checked_at} />, and should look every hour.
                {isOld(checked_at, now) && ' What it found may no longer be so.'}
              </p>
            )}
            {findings.length === 0 ? (
              <Nothing>
                {checked_at === null ? 'It has not run yet.' : 'Everything that should watch did when it looked.'}
              </Nothing>
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
      <Completeness />
    </>
  );
};
