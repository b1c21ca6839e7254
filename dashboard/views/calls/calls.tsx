import { ERROR_CODES, FAULTS, KINDS } from '../../../lambdas/contract/vocabulary.ts';
import { useAnswer } from '../../data/context.ts';
import { getCalls } from '../../data/questions.ts';
import { CallsTable } from '../../parts/calls-table.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { Pages } from '../../parts/pages.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { useTitle } from '../../parts/shell.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatUtc } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';

const choicesOf = (all: string, values: readonly string[], words: Readonly<Record<string, string>> = {}) => [
  ['', all] as const,
  ...values.map((value) => [value, words[value] ?? value] as const),
];

const FIELDS: readonly FilterField[] = [
  { name: 'tool', label: 'Tool', placeholder: 'name_of_a_tool' },
  {
    name: 'success',
    label: 'Outcome',
    options: [
      ['', 'All'],
      ['true', 'Succeeded'],
      ['false', 'Failed'],
    ],
  },
  { name: 'fault', label: 'Whose fault', options: choicesOf('All', FAULTS, FAULT_WORDS) },
  { name: 'error_code', label: 'Code', options: choicesOf('All codes', ERROR_CODES) },
  {
    name: 'kind',
    label: 'Kind',
    options: choicesOf('Tools', ['all', ...KINDS.filter((kind) => kind !== 'tool')], { all: 'All kinds' }),
  },
  {
    name: 'minutes',
    label: 'Window',
    options: [
      ['', 'Last hour'],
      ['15', 'Last 15 min'],
      ['360', 'Last 6 h'],
      ['1440', 'Last 24 h'],
      ['10080', 'Last 7 d'],
    ],
  },
  { name: 'min_ms', label: 'At least (ms)', placeholder: '1000' },
  { name: 'client_name', label: 'Client' },
  { name: 'user_id', label: 'User' },
  { name: 'version', label: 'Version' },
  { name: 'correlation_id', label: 'Correlation id' },
];
/** What an address may hold beside what the fields show; links from other views do. */
const OTHERS = [
  'from',
  'to',
  'group_id',
  'session_id',
  'provider',
  'domain',
  'error_type',
  'name',
  'tenant_id',
  'after',
];
const FILTERS = [...FIELDS.map(({ name }) => name), ...OTHERS];

/** What narrows the list and has no field, with the way to leave it out. */
const OtherFilters = ({ parameters }: ViewProps) => {
  const present = OTHERS.filter((name) => parameters[name] !== undefined && name !== 'after');
  if (present.length === 0) return null;
  return (
    <p class="chips">
      {present.map((name) => {
        const value = parameters[name] ?? '';
        return (
          <Link key={name} to="calls" parameters={{ ...parameters, [name]: undefined, after: undefined }} class="chip">
            {name.replaceAll('_', ' ')}: {name === 'from' || name === 'to' ? formatUtc(value) : value}
            <span class="visually-hidden"> (leave out)</span> <span aria-hidden="true">×</span>
          </Link>
        );
      })}
    </p>
  );
};

/** Single calls by a filter that is in the address, the newest first. */
export const CallsView = ({ parameters }: ViewProps) => {
  useTitle('Calls');
  const query = Object.fromEntries(FILTERS.map((name) => [name, parameters[name]]));
  const calls = useAnswer(`calls?${JSON.stringify(query)}`, (signal) => getCalls(signal, query));
  return (
    <>
      <h1 class="view-title">Calls</h1>
      <Filter view="calls" parameters={parameters} fields={FIELDS} />
      <OtherFilters parameters={parameters} />
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
