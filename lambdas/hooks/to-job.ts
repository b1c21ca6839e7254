import { createHash } from 'node:crypto';
import type { ReceivedHook } from '../contract/env/hooks.ts';
import type { AcceptedJob } from '../contract/jobs/job.ts';
import { NO_TENANT } from '../contract/vocabulary.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';
import type { HookRequest } from './schemes/scheme.ts';

/** What SQS takes as it is and the store can have in an index. */
const PLAIN_KEY = /^[!-~](?:[ -~]{0,510}[!-~])?$/;

/** The key by which the store knows a delivery again. What is no key as it stands is known by its hash. */
const toDeliveryKey = (id: unknown): string | undefined => {
  if (typeof id !== 'string' || id === '') return undefined;
  return PLAIN_KEY.test(id) ? id : `sha256:${createHash('sha256').update(id).digest('hex')}`;
};

interface Accepting {
  readonly hook: ReceivedHook;
  readonly deliveryId: unknown;
  readonly attempts: number;
  readonly atMs: number;
}

/** The job that a hook becomes. */
export const toJob = (
  { body, mediaType }: HookRequest,
  { hook, deliveryId, attempts, atMs }: Accepting,
): AcceptedJob => {
  const deliveryKey = toDeliveryKey(deliveryId);
  return {
    job_id: createUuidV7(atMs),
    origin: 'hook',
    source: hook.source,
    ...(deliveryKey !== undefined && { delivery_key: deliveryKey }),
    tool: hook.tool,
    tenant_id: hook.tenant ?? NO_TENANT,
    received_at: new Date(atMs).toISOString(),
    max_attempts: attempts,
    ...(mediaType !== undefined && { content_type: mediaType }),
    payload: body.toString('base64'),
  };
};
