import { useAnswer } from '../../data/context.ts';
import { getAlarms, getIncidents } from '../../data/questions.ts';
import { AlarmsTable } from '../../parts/alarms-table.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { IncidentsTable } from '../../parts/incidents-table.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import type { ViewProps } from '../../router/address.ts';
import { saysWrong } from '../../tools/alarms-of.ts';
import { formatCount } from '../../words/format.ts';

const FIELDS: readonly FilterField[] = [
  {
    name: 'state',
    label: 'State',
    options: [
      ['', 'All'],
      ['open', 'Open'],
      ['over', 'Over'],
      ['quiet', 'Quiet'],
    ],
  },
  {
    name: 'severity',
    label: 'Severity',
    options: [
      ['', 'All'],
      ['critical', 'Critical'],
      ['warning', 'Warning'],
    ],
  },
  { name: 'tool', label: 'Tool', placeholder: 'name_of_a_tool' },
];
const FILTERS = ['state', 'severity', 'tool', 'cause', 'from', 'to', 'after'];

const Alarms = () => {
  const alarms = useAnswer('alarms/all', (signal) => getAlarms(signal, { limit: 100 }));
  return (
    <Section title="Alarms now">
      <Report of={alarms}>
        {({ alarms: all, total }) => {
          const shown = all.filter(saysWrong);
          if (shown.length === 0) return <Nothing>None of {formatCount(total, 'alarm')} fires.</Nothing>;
          return <AlarmsTable alarms={shown} />;
        }}
      </Report>
    </Section>
  );
};

/** What people were notified of, and what fires now. */
export const IncidentsView = ({ parameters }: ViewProps) => {
  useTitle('Incidents');
  const query = Object.fromEntries(FILTERS.map((name) => [name, parameters[name]]));
  const incidents = useAnswer(`incidents?${JSON.stringify(query)}`, (signal) => getIncidents(signal, query));
  return (
    <>
      <h1 class="view-title">Incidents</h1>
      <Filter view="incidents" parameters={parameters} fields={FIELDS} />
      <Report of={incidents}>
        {({ incidents: all, open, next }) => (
          <>
            <p class="note">{open === 0 ? 'None is open now.' : `${formatCount(open, 'is', 'are')} open now.`}</p>
            {all.length === 0 ? (
              <Nothing>No incident matches this.</Nothing>
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
