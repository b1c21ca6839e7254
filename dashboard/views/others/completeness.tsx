import { useMemo } from 'preact/hooks';
import type { CompletenessReport } from '../../../lambdas/contract/completeness-report.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useAnswer } from '../../data/context.ts';
import { askCompleteness } from '../../data/questions.ts';
import { Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { formatDuration, formatNumber, formatPercent } from '../../words/format.ts';

type Hour = CompletenessReport['hours'][number];

const isWrong = ({ completeness_pct, rejects, lag_seconds, retained_payloads }: Hour): boolean =>
  (completeness_pct !== null && completeness_pct < 100) ||
  rejects !== null ||
  lag_seconds !== null ||
  retained_payloads !== null;

const CompletenessChart = ({ report: { hours, lowest_pct } }: { report: CompletenessReport }) => {
  const content = useMemo(
    () => ({
      seconds: hours.map(({ hour }) => Date.parse(hour) / 1_000),
      format: formatPercent,
      series: [
        {
          label: 'Calls that arrived',
          colour: 'accent' as const,
          kind: 'line' as const,
          values: hours.map(({ completeness_pct }) => completeness_pct),
        },
      ],
    }),
    [hours],
  );
  return (
    <TimeChart
      title="Calls that became a metric and a row, in percent"
      summary={lowest_pct === null ? 'It was not measured' : `The lowest is ${formatPercent(lowest_pct)}`}
      content={content}
    />
  );
};

const Losses = ({ hours }: { hours: readonly Hour[] }) =>
  hours.length === 0 ? (
    <Nothing>Every call that was looked for had arrived, and none late.</Nothing>
  ) : (
    <Table
      title="Hours in which something was missing or late"
      rows={hours.toReversed()}
      keyOf={({ hour }) => hour}
      toneOf={() => 'warning'}
      columns={[
        { title: 'Hour', cell: ({ hour }) => <Time at={hour} /> },
        { title: 'Arrived', kind: 'number', cell: ({ completeness_pct }) => formatPercent(completeness_pct) },
        { title: 'Not stored or counted', kind: 'number', cell: ({ rejects }) => formatNumber(rejects) },
        {
          title: 'Longest delay',
          kind: 'number',
          cell: ({ lag_seconds }) => formatDuration(lag_seconds === null ? null : lag_seconds * 1_000),
        },
        {
          title: 'Waiting to be replayed',
          kind: 'number',
          cell: ({ retained_payloads }) => formatNumber(retained_payloads),
        },
      ]}
    />
  );

/** Which share of calls arrived in the last day, and what came late or not at all. */
export const Completeness = () => {
  const report = useAnswer(askCompleteness({}));
  return (
    <Section title="Calls that arrived, in the last 24 hours">
      <Report of={report}>
        {(answer) => (
          <>
            {answer.measured_at === null ? (
              <Nothing>It was not measured in these hours. It is measured once an hour.</Nothing>
            ) : (
              <>
                <CompletenessChart report={answer} />
                <p class="note">
                  Each hour shows what was measured in it, which is about the calls of the hour before.
                </p>
              </>
            )}
            <Losses hours={answer.hours.filter(isWrong)} />
          </>
        )}
      </Report>
    </Section>
  );
};
