import { MAX_ROWS } from '../../../lambdas/contract/answer-limits.ts';
import { GROUP_STATES } from '../../../lambdas/contract/error-group-states.ts';
import { FAULTS, KINDS } from '../../../lambdas/contract/vocabulary.ts';
import { useAnswer } from '../../data/context.ts';
import { askErrorGroups, askUpstreamErrors } from '../../data/questions.ts';
import { choicesOf } from '../../parts/fields.tsx';
import { Filter, type FilterField, filtersIn } from '../../parts/filter.tsx';
import { GroupState, GroupsTable } from '../../parts/groups-table.tsx';
import { FirstNames, ProviderName } from '../../parts/name.tsx';
import { Pages } from '../../parts/pages.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { dayAround } from '../../tools/call-window.ts';
import { formatNumber } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';

const FIELDS: readonly FilterField[] = [
  { name: 'state', label: 'State', choices: choicesOf('All states', GROUP_STATES) },
  { name: 'fault', label: 'Whose fault', choices: choicesOf('All', FAULTS, FAULT_WORDS) },
  { name: 'kind', label: 'Kind', choices: choicesOf('All kinds', KINDS) },
  { name: 'tool', label: 'Tool', placeholder: 'name_of_a_tool' },
  { name: 'provider', label: 'Provider', placeholder: 'shop' },
  { name: 'version', label: 'Version' },
];

const Upstream = () => {
  const upstream = useAnswer(askUpstreamErrors());
  return (
    <Section title="What outside services do to all tools">
      <Report of={upstream}>
        {({ upstream_errors: all }) =>
          all.length === 0 ? (
            <Nothing>No failure of an outside service is known.</Nothing>
          ) : (
            <>
              <Table
                title="Errors of outside services"
                rows={all}
                keyOf={({ provider, error_code, error_type }) => joinKey(provider, error_code, error_type)}
                columns={[
                  {
                    title: 'Provider',
                    cell: ({ provider, last_seen_at }) => (
                      <ProviderName name={provider} window={dayAround(last_seen_at)} />
                    ),
                  },
                  {
                    title: 'Error',
                    cell: ({ error_code, error_type, last_group_id }) => (
                      <Link to="error" parameters={{ id: last_group_id }}>
                        {error_code} {error_type}
                      </Link>
                    ),
                  },
                  { title: 'State', cell: ({ state }) => <GroupState state={state} /> },
                  {
                    title: 'Fails',
                    kind: 'text',
                    cell: ({ first_names, names }) => <FirstNames names={first_names} total={names} />,
                  },
                  { title: 'Calls in 24 h', kind: 'number', cell: ({ calls_24h }) => formatNumber(calls_24h) },
                  { title: 'Seen last', cell: ({ last_seen_at }) => <Ago at={last_seen_at} /> },
                ]}
              />
              {all.length >= MAX_ROWS && (
                <More>These are the {MAX_ROWS} seen last. A provider in the filter above finds others.</More>
              )}
            </>
          )
        }
      </Report>
    </Section>
  );
};

/** Failures that are one failure, with their state; the filter is in the address. */
export const ErrorsView = ({ parameters }: ViewProps) => {
  useTitle('Errors');
  const groups = useAnswer(askErrorGroups(filtersIn({ parameters, fields: FIELDS })));
  return (
    <>
      <h1 class="view-title">Errors</h1>
      <Filter view="errors" parameters={parameters} fields={FIELDS} />
      <Report of={groups}>
        {({ groups: all, next }) => (
          <>
            {all.length === 0 ? (
              <Nothing>No failure matches this.</Nothing>
            ) : (
              <GroupsTable title="Groups of failures, those seen last first" groups={all} />
            )}
            <Pages view="errors" parameters={parameters} next={next} />
          </>
        )}
      </Report>
      <Upstream />
    </>
  );
};
