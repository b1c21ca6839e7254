import { TLSSocket } from 'node:tls';
import type pg from 'pg';

/** Until when the certificate is valid that the server showed on this connection; null without TLS. */
export const certificateUntil = (client: pg.Client): Date | null => {
  // pg keeps its socket here, and its types do not say so.
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  return stream instanceof TLSSocket ? new Date(stream.getPeerCertificate().valid_to) : null;
};
