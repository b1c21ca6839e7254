import type { Kpi } from '../../../lambdas/contract/api/kpis.ts';

/** The figures that a measure has. */
export const FIGURES = ['sum', 'average', 'times'] as const;
export type Figure = (typeof FIGURES)[number];

/** What each figure is called. */
export const FIGURE_WORDS: Readonly<Record<Figure, string>> = {
  sum: 'Sum',
  average: 'Average',
  times: 'Calls that report it',
};

/** The figure that an address names; the sum for one that names none. */
export const figureIn = (name: string | undefined): Figure => FIGURES.find((figure) => figure === name) ?? 'sum';

const PLAIN: Intl.NumberFormatOptions = { maximumFractionDigits: 2 };
/** A number below one keeps its first digits: an average of hundredths is not zero. */
const SMALL: Intl.NumberFormatOptions = { maximumSignificantDigits: 2 };

/** A figure of a measure; `–` where there is none. */
export const formatFigure = (value: number | null): string =>
  value === null ? '–' : value.toLocaleString('en', Math.abs(value) < 1 ? SMALL : PLAIN);

/** From this value on, a figure is written in thousands, millions, … */
const MIN_COMPACT = 100_000;

/** The same in a few characters, for the axis of a chart: `1.2M`. */
export const formatShortFigure = (value: number | null): string =>
  value === null || Math.abs(value) < MIN_COMPACT
    ? formatFigure(value)
    : value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 });

/** A change in percent with its sign: `+12.5 %`. */
const formatChange = (percent: number): string =>
  `${percent.toLocaleString('en', { signDisplay: 'exceptZero' }).replace('-', '−')} %`;

/** How a figure was in the days before, and by how much it changed since. */
export const describeChange = ({ before, change_pct }: Pick<Kpi, 'before' | 'change_pct'>, figure: Figure): string => {
  if (before.times === 0) return 'not reported before';
  const percent = change_pct[figure];
  const was = `before ${formatFigure(before[figure])}`;
  return percent === null ? was : `${formatChange(percent)}, ${was}`;
};
