import type { DeliveredChannel } from '../contract/channels.ts';
import type { Notice } from '../contract/notice.ts';
import { trackWebhookDelivery } from '../observe/measured/track.ts';
import type { Attempted } from './attempt.ts';

const KEYS = ['level', 'form', 'receives'];

/** Where a request goes, without what in its address may be secret. */
const originOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).origin : undefined);

/** What the record says of an attempt that failed. */
const failureOf = ({ outcome, failure }: Attempted) => {
  if (!('reason' in outcome)) return undefined;
  return {
    reason: outcome.reason,
    details: {
      ...(failure === 'timeout' && { error_code: 'TIMEOUT' as const }),
      ...(failure !== undefined && { error_type: failure }),
      fault: 'dependency' as const,
      retryable: outcome.kind === 'later',
    },
  };
};

/**
 * Writes the record of one request to a channel, as of any webhook: it is among the deliveries of /v1/webhooks, under the
 * channel's name. Its metadata says how far it came: `posted` when people can see it, `accepted` when that is not proven.
 */
export const recordAttempt = (
  { name }: Pick<DeliveredChannel, 'name'>,
  notice: Notice,
  attempted: Attempted,
  receives: number,
): void => {
  const { outcome, form, request, answer, startedAt, durationMs } = attempted;
  const failure = failureOf(attempted);
  const url = originOf(request.url);
  trackWebhookDelivery(name, failure ? 'failed' : 'sent', durationMs, failure?.reason, {
    started_at: new Date(startedAt),
    correlation_id: notice.id,
    request_bytes: Buffer.byteLength(request.body),
    http: { method: request.method, ...(answer && { status: answer.status }) },
    metadata: {
      ...(url !== undefined && { url }),
      enabled: outcome.kind !== 'dead',
      ...(failure ? {} : { level: outcome.kind }),
      form,
      receives,
    },
    metadata_keys: KEYS,
    ...failure?.details,
  });
};
