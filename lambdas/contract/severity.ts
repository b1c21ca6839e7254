/** A critical alarm notifies someone who acts immediately, a warning someone who acts in the morning. */
export const SEVERITIES = ['critical', 'warning'] as const;
export type Severity = (typeof SEVERITIES)[number];
