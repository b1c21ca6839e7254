import type { Provider } from '../../../lambdas/contract/api/providers.ts';
import { formatPart } from '../../../lambdas/contract/percent.ts';
import { FAULTS } from '../../../lambdas/contract/vocabulary.ts';
import { formatCount, formatDuration, formatNumber } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';

const shareOf = ({ failures, calls }: Provider): number => (calls === 0 ? 0 : failures.dependency / calls);

/** Those first of whose calls the largest part failed by their fault; of equal ones, those with most failures, then calls. */
export const sortWorstFirst = (providers: readonly Provider[]): Provider[] =>
  providers.toSorted(
    (a, b) => shareOf(b) - shareOf(a) || b.failures.dependency - a.failures.dependency || b.calls - a.calls,
  );

/** Failures that are not the provider's, by whose they are: `4 the caller’s, 1 our own`. */
export const describeOtherFailures = ({ failures }: Pick<Provider, 'failures'>): string => {
  const others = FAULTS.filter((fault) => fault !== 'dependency' && failures[fault] > 0);
  if (others.length === 0) return '–';
  return others.map((fault) => `${formatNumber(failures[fault])} ${FAULT_WORDS[fault]}`).join(', ');
};

/** The time before the window, in which it was perhaps as bad already. */
export const describeBefore = ({ before }: Pick<Provider, 'before'>): string => {
  if (before === null) return 'too many calls to compare';
  if (before.calls === 0) return 'not called';
  const { failures, calls, p95_ms } = before;
  return `${formatPart(failures, calls)} of ${formatCount(calls, 'call')}, p95 ${formatDuration(p95_ms)}`;
};

/** How many of some calls failed by the fault of a provider, and which part: `24 (80 %)`. */
export const describeFailures = (failures: number, calls: number): string =>
  `${formatNumber(failures)} (${formatPart(failures, calls)})`;
