import type { HealthComponent, HealthReport } from '../reports.ts';
import { HEALTH_WORDS, type Health } from './status.ts';

/** A component, and the outside host or service that it is; none for a part of our own. */
export type ReportedComponent = HealthComponent & { domain?: string };

/** What is known to be wrong decides; an unknown critical component only if nothing is. */
const overallStatus = (components: readonly ReportedComponent[]): Health => {
  const has = (status: Health) => components.some((component) => component.status === status);
  const hasCritical = (status: Health) =>
    components.some((component) => component.critical && component.status === status);
  if (hasCritical('unhealthy')) return 'unhealthy';
  if (has('unhealthy') || has('degraded')) return 'degraded';
  return hasCritical('unknown') ? 'unknown' : 'ok';
};

/** The report about components, once in our words and once in those of monitoring systems that say `healthy`. */
export const reportHealth = (
  components: readonly ReportedComponent[],
): Omit<HealthReport, 'timestamp' | 'service' | 'version'> => {
  const status = overallStatus(components);
  const outside = components.filter(({ domain }) => domain !== undefined);
  return {
    status,
    dependencies: Object.fromEntries(components.map((component) => [component.name, component.status])),
    components: components.map(({ domain, ...component }) => component),
    overall_status: HEALTH_WORDS[status],
    healthy_domains: outside.filter((component) => component.status === 'ok').length,
    total_domains: outside.length,
    health_checks: components.map(({ name, domain = null, message, response_time_ms, ...component }) => ({
      component: name,
      domain,
      status: HEALTH_WORDS[component.status],
      message,
      response_time_ms,
    })),
  };
};
