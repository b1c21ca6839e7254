import type { ErrorGroup } from '../../lambdas/contract/error-groups.ts';

/** The failures that are no caller's fault, the most frequent first. */
export const sortCauses = (groups: readonly ErrorGroup[]): ErrorGroup[] =>
  groups.filter(({ fault }) => fault !== 'caller').sort((a, b) => b.calls_24h - a.calls_24h);
