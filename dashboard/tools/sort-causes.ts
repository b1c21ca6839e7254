import type { ErrorGroup } from '../../lambdas/contract/error-groups.ts';
import { FAULTS, type Fault } from '../../lambdas/contract/vocabulary.ts';

/** The failures that are no caller's fault, the most frequent first. */
export const sortCauses = (groups: readonly ErrorGroup[]): ErrorGroup[] =>
  groups.filter(({ fault }) => fault !== 'caller').sort((a, b) => b.calls_24h - a.calls_24h);

/** Whose fault most failures of the last day are, without callers'; undefined where there are none. */
export const findLeadingFault = (groups: readonly ErrorGroup[]): Fault | undefined => {
  const callsBy = (fault: Fault): number =>
    groups.reduce((sum, group) => sum + (group.fault === fault ? group.calls_24h : 0), 0);
  const [leading] = FAULTS.filter((fault) => fault !== 'caller' && callsBy(fault) > 0).sort(
    (a, b) => callsBy(b) - callsBy(a),
  );
  return leading;
};
