/** What a rule may compare, where its figure comes from, and what such figures can be asked about. */

/** Each way of working figures out: `rollup.alert_rule_figures` has a branch for each. */
const SOURCES = [
  'calls',
  'providers',
  'domains',
  'error_groups',
  'measures',
  'users',
  'last_calls',
  'rate_limits',
] as const;
export type Source = (typeof SOURCES)[number];

interface Figure {
  /** How people call it. */
  readonly words: string;
  readonly unit: string;
  readonly source: Source;
}

export const FIGURES = {
  calls: { words: 'calls', unit: '', source: 'calls' },
  errors: { words: 'failed calls', unit: '', source: 'calls' },
  error_rate_pct: { words: 'error rate', unit: '%', source: 'calls' },
  p50_ms: { words: 'median duration', unit: 'ms', source: 'calls' },
  p95_ms: { words: '95th percentile', unit: 'ms', source: 'calls' },
  max_ms: { words: 'longest call', unit: 'ms', source: 'calls' },
  slow_pct: { words: 'share of slow calls', unit: '%', source: 'calls' },
  cost_usd: { words: 'cost', unit: 'USD', source: 'calls' },
  users: { words: 'users with failed calls', unit: '', source: 'users' },
  measure_sum: { words: 'sum', unit: '', source: 'measures' },
  measure_average: { words: 'average', unit: '', source: 'measures' },
  consecutive_failures: { words: 'failures in a row', unit: '', source: 'last_calls' },
  minutes_since_success: { words: 'time since the last success', unit: 'min', source: 'last_calls' },
  minutes_since_call: { words: 'time since the last call', unit: 'min', source: 'last_calls' },
  rate_limit_used_pct: { words: 'share of the rate limit that is used', unit: '%', source: 'rate_limits' },
} as const satisfies Readonly<Record<string, Figure>>;

export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as [FigureName, ...FigureName[]];

export const COMPARISONS = ['above', 'at_least', 'below', 'at_most'] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What providers and domains, and error groups, are counted by. */
export const FIGURES_OF_OUTSIDE_SERVICES: readonly FigureName[] = ['calls', 'errors', 'error_rate_pct'];
export const FIGURES_OF_ERROR_GROUPS: readonly FigureName[] = ['errors'];

/** The sources that have no roll-up: calls are read, so windows are short, and there is no history to try. */
export const SOURCES_OF_CALLS: readonly Source[] = ['domains', 'users'];
/** The longest window of these, in minutes. */
export const MAX_WINDOW_OF_CALLS = 1_440;

/** The sources that count calls, and those that look back for a window; the others know what is true now. */
export const COUNTING_SOURCES: readonly Source[] = ['calls', 'providers', 'domains', 'error_groups', 'measures'];
export const SOURCES_WITH_WINDOW: readonly Source[] = [...COUNTING_SOURCES, 'users'];

/** The windows that a rule may have, in minutes. The cells of roll-ups add up to each of them. */
export const WINDOWS = [5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080] as const;
export const DEFAULT_WINDOW = 60;
/** What is not counted by five minutes is counted by the hour. */
export const HOURLY_WINDOW = 60;

/** How many rules there may be: each refresh evaluates all of them. */
export const MAX_RULES = 500;

/** A figure with its unit, at most as exact as people need it: `12.5 %`, `3`. */
export const formatFigure = (figure: FigureName, value: number): string => {
  const { unit } = FIGURES[figure];
  const number = value.toLocaleString('en-US', {
    maximumSignificantDigits: Math.abs(value) < 1_000 ? 3 : 21,
    maximumFractionDigits: 0,
    roundingPriority: 'morePrecision',
  });
  return unit === '' ? number : `${number} ${unit}`;
};
