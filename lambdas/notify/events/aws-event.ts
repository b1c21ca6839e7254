import * as z from 'zod';

/** What EventBridge sends to a queue, whatever it is about. */
const awsEvent = z.object({
  id: z.string().min(1),
  source: z.string(),
  'detail-type': z.string(),
  account: z.string(),
  region: z.string(),
  time: z.string(),
  resources: z.array(z.string()),
  detail: z.record(z.string(), z.unknown()),
});
export type AwsEvent = z.output<typeof awsEvent>;

/** A message of EventBridge; undefined for anything else. */
export const readAwsEvent = (message: unknown): AwsEvent | undefined => awsEvent.safeParse(message).data;
