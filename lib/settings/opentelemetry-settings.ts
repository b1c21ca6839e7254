import * as z from 'zod';
import { secretLocation } from './secret-settings.ts';

/** Where spans may go unencrypted: nowhere but to this machine. */
const LOCAL_HOSTS = ['127.0.0.1', 'localhost'];

const isEncrypted = (endpoint: string): boolean => {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname } = new URL(endpoint);
  return protocol === 'https:' || LOCAL_HOSTS.includes(hostname);
};

export const openTelemetrySettings = z
  .strictObject({
    endpoint: z
      .url({ protocol: /^https?$/, error: 'write an address such as https://otlp.example.com/v1/traces' })
      .refine(isEncrypted, 'write an address that begins with https://')
      .describe('Where traces are taken by OTLP over HTTP: the whole address, which often ends in `/v1/traces`.'),
    headers: secretLocation
      .optional()
      .describe('The secret with the headers that its receiver asks for, as JSON: `{"api-key":"…"}`. Default: none.'),
  })
  .optional()
  .describe(
    'Sends each call as a span to a receiver of OpenTelemetry, from the log and so without a call waiting for it. ' +
      'Default: off.',
  );
