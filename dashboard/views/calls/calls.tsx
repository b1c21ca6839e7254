import { ERROR_CODES, FAULTS, KINDS } from '../../../lambdas/contract/vocabulary.ts';
import { useAnswer } from '../../data/context.ts';
import { askCalls } from '../../data/questions.ts';
import { CallsTable } from '../../parts/calls-table.tsx';
import { choicesOf } from '../../parts/fields.tsx';
import { Filter, type FilterField, filtersIn, windowField } from '../../parts/filter.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { useTitle } from '../../parts/shell.tsx';
import type { ViewProps } from '../../router/address.ts';
import { FAULT_WORDS } from '../../words/terms.ts';

const WINDOWS = [
  ['60', 'Last hour'],
  ['15', 'Last 15 min'],
  ['360', 'Last 6 h'],
  ['1440', 'Last 24 h'],
  ['10080', 'Last 7 d'],
] as const;

const fieldsOf = (parameters: ViewProps['parameters']): FilterField[] => [
  { name: 'tool', label: 'Tool', placeholder: 'name_of_a_tool' },
  {
    name: 'success',
    label: 'Outcome',
    choices: [
      ['', 'All'],
      ['true', 'Succeeded'],
      ['false', 'Failed'],
    ],
  },
  { name: 'fault', label: 'Whose fault', choices: choicesOf('All', FAULTS, FAULT_WORDS) },
  { name: 'error_code', label: 'Code', choices: choicesOf('All codes', ERROR_CODES) },
  {
    name: 'kind',
    label: 'Kind',
    choices: choicesOf('Tools', ['all', ...KINDS.filter((kind) => kind !== 'tool')], { all: 'All kinds' }),
  },
  windowField(parameters, WINDOWS),
  { name: 'min_ms', label: 'At least (ms)', placeholder: '1000' },
  { name: 'client_name', label: 'Client' },
  { name: 'user_id', label: 'User' },
  { name: 'version', label: 'Version' },
  { name: 'correlation_id', label: 'Correlation id' },
];
/** What an address may hold beside what the fields show; links from other views do. */
const OTHERS = ['from', 'to', 'group_id', 'session_id', 'provider', 'domain', 'error_type', 'name', 'tenant_id'];

/** Single calls by a filter that is in the address, the newest first. */
export const CallsView = ({ parameters }: ViewProps) => {
  useTitle('Calls');
  const narrowing = { parameters, fields: fieldsOf(parameters), others: OTHERS };
  const calls = useAnswer(askCalls(filtersIn(narrowing)));
  return (
    <>
      <h1 class="view-title">Calls</h1>
      <Filter view="calls" {...narrowing} />
      <Report of={calls}>
        {({ calls: all, next }) => (
          <>
            {all.length === 0 ? (
              <Nothing>No call in this window matches this.</Nothing>
            ) : (
              <CallsTable title="Calls, the newest first" calls={all} />
            )}
            <Pages view="calls" parameters={parameters} next={next} />
          </>
        )}
      </Report>
    </>
  );
};
