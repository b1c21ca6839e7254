import { TLSSocket } from 'node:tls';
import type pg from 'pg';

/** The end of validity of the certificate that the server presented on this connection; null without TLS. */
export const certificateUntil = (client: pg.ClientBase): Date | null => {
  // pg holds its socket here; its types do not declare it.
  const { stream } = (client as unknown as { connection: { stream: unknown } }).connection;
  return stream instanceof TLSSocket ? new Date(stream.getPeerCertificate().valid_to) : null;
};
