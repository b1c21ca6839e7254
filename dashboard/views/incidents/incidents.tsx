import { SEVERITIES } from '../../../lambdas/contract/severity.ts';
import { useAnswer } from '../../data/context.ts';
import { askFiringAlarms, askIncidents } from '../../data/questions.ts';
import { AlarmsTable } from '../../parts/alarms-table.tsx';
import { choicesOf } from '../../parts/fields.tsx';
import { Filter, type FilterField, filtersIn } from '../../parts/filter.tsx';
import { IncidentsTable } from '../../parts/incidents-table.tsx';
import { Pages } from '../../parts/pages.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import type { ViewProps } from '../../router/address.ts';
import { saysWrong } from '../../tools/alarms-of.ts';
import { formatCount } from '../../words/format.ts';

const FIELDS: readonly FilterField[] = [
  {
    name: 'state',
    label: 'State',
    choices: [
      ['', 'All'],
      ['open', 'Open'],
      ['over', 'Over'],
      ['quiet', 'Quiet'],
    ],
  },
  { name: 'severity', label: 'Severity', choices: choicesOf('All', SEVERITIES) },
  { name: 'tool', label: 'Tool', placeholder: 'name_of_a_tool' },
];
const OTHERS = ['cause', 'from', 'to'];

const Alarms = () => {
  const alarms = useAnswer(askFiringAlarms());
  return (
    <Section title="Alarms now">
      <Report of={alarms}>
        {({ alarms: all, total, next }) => {
          const shown = all.filter(saysWrong);
          if (shown.length === 0) return <Nothing>No alarm fires.</Nothing>;
          return (
            <>
              <AlarmsTable alarms={shown} />
              {next !== null && (
                <More>
                  These are the first {all.length} of {total} that fire; <code>npx toolwatch alarms</code> lists the
                  others.
                </More>
              )}
            </>
          );
        }}
      </Report>
    </Section>
  );
};

/** What people were notified of, and what fires now. */
export const IncidentsView = ({ parameters }: ViewProps) => {
  useTitle('Incidents');
  const narrowing = { parameters, fields: FIELDS, others: OTHERS };
  const incidents = useAnswer(askIncidents(filtersIn(narrowing)));
  const since = parameters.from === undefined ? ' of the last 30 days' : '';
  return (
    <>
      <h1 class="view-title">Incidents</h1>
      <Filter view="incidents" {...narrowing} />
      <Report of={incidents}>
        {({ incidents: all, open, next }) => (
          <>
            <p class="note">{open === 0 ? 'None is open now.' : `${formatCount(open, 'is', 'are')} open now.`}</p>
            {all.length === 0 ? (
              <Nothing>No incident{since} matches this.</Nothing>
            ) : (
              <IncidentsTable title="Incidents, the newest first" incidents={all} />
            )}
            <Pages view="incidents" parameters={parameters} next={next} />
          </>
        )}
      </Report>
      <Alarms />
    </>
  );
};
