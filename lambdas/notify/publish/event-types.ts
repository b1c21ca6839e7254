import type { IncidentMessage } from '../incidents/incident.ts';

/**
 * The types of events that an incident is, beside that of its notice: channels filter by them, and no second notice says
 * the same. How severe it is, and whether something is slow or in another way not as healthy as it was.
 */
export const eventsOf = ({
  alarm,
  severity,
}: Pick<IncidentMessage, 'alarm' | 'severity'>): ['error' | 'warning', 'performance.degraded' | 'health.changed'] => [
  severity === 'critical' ? 'error' : 'warning',
  /\/(slow|very-slow)$/.test(alarm) ? 'performance.degraded' : 'health.changed',
];
