import { textOption } from './deployment.ts';

/** The parameters by which a long list is cut into pages, and their options. */
export const PAGE_PARAMETERS = ['limit', 'after'] as const;
export const PAGE_OPTIONS = {
  limit: textOption('How many at most', 'N'),
  after: textOption('What follows an earlier list', 'NEXT'),
} as const;

/** Beside those, the parameters of the time that a list is about, and their options. */
export const WINDOW = ['from', 'to', ...PAGE_PARAMETERS] as const;
export const WINDOW_OPTIONS = {
  from: textOption('The beginning of the time to look at, such as 2026-11-20T10:00:00Z', 'TIME'),
  to: textOption('Its end; now by default', 'TIME'),
  ...PAGE_OPTIONS,
} as const;
