import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { serverNow } from '../data/server-clock.ts';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { useIsDark } from './colours.ts';
import { type ChartContent, dataOf, formatUtcDay, optionsOf } from './plot-options.ts';

const HEIGHT = 190;
const MIN_WIDTH = 200;

interface TimeChartProps {
  /** What it shows, in a few words. */
  readonly title: string;
  /** The name of its table, where its title is understood only beside what is around it. */
  readonly name?: string;
  /** The same in a sentence with its figures, for those who do not see it. */
  readonly summary: string;
  readonly content: ChartContent;
}

/** The figures of a chart, of each step that has any. */
const FiguresTable = ({ title, name = title, content }: TimeChartProps) => {
  const { seconds, series, format, isByUtcDay } = content;
  const steps = seconds.flatMap((second, index) =>
    series.some(({ values }) => typeof values[index] === 'number') ? [{ second, index }] : [],
  );
  return (
    <Table
      title={name}
      rows={steps}
      keyOf={({ second }) => String(second)}
      columns={[
        { title: 'From', cell: ({ second }) => (isByUtcDay ? formatUtcDay(second) : <Time at={second * 1_000} />) },
        ...series.map(({ label, values }) => ({
          title: label,
          kind: 'number' as const,
          cell: ({ index }: { index: number }) => format(values[index] ?? null),
        })),
      ]}
    />
  );
};

/** A chart over time with axes, whose values show where the pointer is; and the same figures as a table. */
export const TimeChart = (props: TimeChartProps) => {
  const { title, summary, content } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const latest = useRef(content);
  latest.current = content;
  const [isTableOpen, setIsTableOpen] = useState(false);
  const isDark = useIsDark();
  const labels = content.series.map(({ label }) => label).join();
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const width = () => Math.max(MIN_WIDTH, element.clientWidth);
    const options = optionsOf(() => latest.current, { width: width(), height: HEIGHT, now: serverNow });
    const made = new uPlot(options, dataOf(latest.current), element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: width(), height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Its colours are those of the scheme.
  }, [isDark, labels]);
  useEffect(() => plot.current?.setData(dataOf(content)), [content]);
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} class="plot" role="img" aria-label={summary} />
      <details onToggle={({ currentTarget }) => setIsTableOpen(currentTarget.open)}>
        <summary class="note">Figures as a table</summary>
        {isTableOpen && <FiguresTable {...props} />}
      </details>
    </figure>
  );
};
