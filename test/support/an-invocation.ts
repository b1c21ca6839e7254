import type { Invocation } from '../../lambdas/contract/invocation.ts';

let count = 0;

/** A new UUID v7 with the given time. */
export const eventIdAt = (moment: Date): string => {
  count += 1;
  const time = moment.getTime().toString(16).padStart(12, '0');
  const rest = count.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${rest}`;
};

/** A successful call a minute ago, unless `given` says otherwise. The id and the end are derived from the other fields. */
export const anInvocation = (given: Partial<Invocation> = {}): Invocation => {
  const started = new Date(given.started_at ?? Date.now() - 60_000);
  const duration = given.duration_ms ?? 120;
  const failed = given.success === false || given.error_code !== undefined || given.fault !== undefined;
  return {
    schema: 'toolwatch.v1',
    event_id: eventIdAt(started),
    kind: 'tool',
    name: 'order_status',
    service: 'toolwatch',
    environment: 'test',
    version: '1',
    started_at: started.toISOString(),
    finished_at: new Date(started.getTime() + Math.round(duration)).toISOString(),
    duration_ms: duration,
    cold_start: false,
    success: !failed,
    attempts: 1,
    tenant_id: 'default',
    correlation_id: 'c-1',
    ...(failed && {
      error_code: 'UPSTREAM_ERROR',
      error_type: 'Error',
      error_message: 'the shop answered 503',
      error_fingerprint: 'f-1',
      fault: 'dependency',
      retryable: true,
    }),
    ...given,
  };
};
