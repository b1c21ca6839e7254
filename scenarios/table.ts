import type { ScenarioResult } from './check-pages.ts';
import type { Page } from './run.ts';
import type { Scenario } from './scenario.ts';
import type { Score } from './score.ts';

/** Columns as wide as what stands in them; the last may be as long as it likes. */
export const formatTable = (rows: readonly (readonly string[])[]): string => {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), []);
  return rows
    .map((row) => row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
};

export const RESULT_HEAD = ['', 'scenario', 'expected', 'minutes to page', 'got'];

/** One scenario: right or wrong, who should have been told by when, how long it took, and who was told when. */
export const resultRow = (
  name: string,
  one: Scenario,
  { outcomes, wrongs }: ScenarioResult,
  pages: readonly Page[],
): string[] => {
  const fired = new Map<string, number[]>();
  for (const { alarm, state, minute } of pages) {
    if (state === 'ALARM') fired.set(alarm, [...(fired.get(alarm) ?? []), minute]);
  }
  const got = [...fired].map(
    ([alarm, [first, ...more]]) => `${alarm} @${first}${more.length > 0 ? ` and ${more.length} more` : ''}`,
  );
  const shown = got.length > 4 ? [...got.slice(0, 3), `${got.length - 3} others`] : got;
  return [
    wrongs.length === 0 ? 'right' : 'WRONG',
    name,
    one.expected.map(({ alarm, from, by }) => `${alarm} ${from}…${by}`).join(', ') || 'nobody',
    outcomes.map(({ delay }) => delay ?? 'never').join(', ') || '–',
    shown.join(', ') || 'nobody',
  ];
};

const median = (sorted: readonly number[]): number | undefined => sorted[Math.floor((sorted.length - 1) / 2)];

/** How some alarms fared in all scenarios. */
export interface Summary {
  name: string;
  incidents: number;
  told: number;
  falsePages: number;
  /** How many scenarios had any. */
  disturbed: number;
  medianDelay: number | undefined;
  worstDelay: number | undefined;
}

export const summarize = (name: string, scores: readonly Score[]): Summary => {
  const delays = scores.flatMap((score) => score.delays).sort((a, b) => a - b);
  return {
    name,
    incidents: scores.reduce((sum, { incidents }) => sum + incidents, 0),
    told: delays.length,
    falsePages: scores.reduce((sum, { falsePages }) => sum + falsePages, 0),
    disturbed: scores.filter(({ falsePages }) => falsePages > 0).length,
    medianDelay: median(delays),
    worstDelay: delays.at(-1),
  };
};

export const summaryRows = (standings: readonly Summary[]): string[][] => [
  ['alarms', 'incidents told', 'false pages', 'in scenarios', 'minutes to page: median', 'worst'],
  ...standings.map(({ name, incidents, told, falsePages, disturbed, medianDelay, worstDelay }) => [
    name,
    `${told} of ${incidents} (${Math.round((100 * told) / Math.max(1, incidents))} %)`,
    `${falsePages}`,
    `${disturbed}`,
    `${medianDelay ?? '–'}`,
    `${worstDelay ?? '–'}`,
  ]),
];

/** One scenario under each pack: minutes to page, `missed`, and `+n` for so many false pages. */
export const scoreCell = ({ incidents, delays, falsePages }: Score): string => {
  const missed = incidents - delays.length;
  const words = [
    ...(delays.length > 0 ? [delays.join('/')] : []),
    ...(missed > 0 ? ['missed'] : []),
    ...(falsePages > 0 ? [`+${falsePages}`] : []),
  ];
  return words.join(' ') || '·';
};
