import * as z from 'zod';
import { WARN_DAYS } from './components.ts';

/** The checks of the setting `checks`, as the settings declare them and the checks function reads them. */

const common = {
  name: z
    .string()
    .regex(/^[\w-]{1,48}$/, 'write letters, digits, _ and -')
    .describe('The name of its component in /health, and on its lines.'),
  critical: z
    .boolean()
    .default(false)
    .describe('Whether the service is unhealthy when the check is; otherwise it is degraded.'),
};
const timeoutSeconds = z.int().min(1).max(20).default(5).describe('How many seconds the answer may take.');
const warnDays = z.int().min(0).max(365).default(WARN_DAYS).describe('How many days before the end it is degraded.');
const host = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/, 'write a host such as shop.example.com')
  .describe('The host that presents the certificate.');

/** The limits of a queue of work. */
export const queueLimits = {
  warningDepth: z
    .int()
    .min(0)
    .default(500)
    .describe('More messages than this for five minutes are a warning; with 0, any message.'),
  criticalDepth: z
    .int()
    .min(0)
    .default(1_000)
    .describe('More messages than this for five minutes are critical. With 0, any message is, and none is a warning.'),
  oldestMinutes: z.int().min(1).max(20_160).default(10).describe('How many minutes a message may wait.'),
};

/** Whether the warning comes before the critical depth, or there is none because any message is critical. */
export const hasDepthsInOrder = ({ warningDepth, criticalDepth }: Record<'warningDepth' | 'criticalDepth', number>) =>
  criticalDepth === 0 || warningDepth < criticalDepth;

export const queueName = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,80}(\.fifo)?$/, 'write the name of an SQS queue, not its ARN or address');

const httpCheck = z.strictObject({
  ...common,
  kind: z.literal('http').describe('Whether an address answers.'),
  url: z
    .url({ protocol: /^https?$/, error: 'write an address that begins with https:// or http://' })
    .describe('The address; a redirect is not followed. Write no secret into it.'),
  status: z.int().min(100).max(599).optional().describe('The status it must answer. Default: any of 200 to 299.'),
  slowMs: z.int().min(1).default(2_000).describe('A slower answer is degraded.'),
  timeoutSeconds,
});
const certificateCheck = z.strictObject({
  ...common,
  kind: z.literal('certificate').describe('How long the TLS certificate of a host is still valid.'),
  host,
  port: z.int().min(1).max(65_535).default(443).describe('Its port.'),
  warnDays,
  timeoutSeconds,
});
export const queueCheck = z.strictObject({
  ...common,
  kind: z.literal('queue').describe('How many messages wait in an SQS queue, and how long.'),
  queue: queueName.describe('The name of the queue.'),
  ...queueLimits,
  timeoutSeconds,
});
const credentialCheck = z.strictObject({
  ...common,
  kind: z.literal('credential').describe('How old a secret or an API key is.'),
  renewedOn: z.iso.date('write a day such as 2026-11-29').describe('The day on which it was last renewed.'),
  maxAgeDays: z.int().min(1).max(3_650).default(90).describe('After how many days it must be renewed.'),
  warnDays,
});

/** One check of the settings. */
export const declaredCheck = z.discriminatedUnion(
  'kind',
  [httpCheck, certificateCheck, queueCheck, credentialCheck],
  "write kind: 'http', 'certificate', 'queue' or 'credential'",
);
export type DeclaredCheck = z.output<typeof declaredCheck>;
export type HttpCheck = z.output<typeof httpCheck>;
export type CertificateCheck = z.output<typeof certificateCheck>;
export type QueueCheck = z.output<typeof queueCheck>;
export type CredentialCheck = z.output<typeof credentialCheck>;
