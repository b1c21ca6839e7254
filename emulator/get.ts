import { Agent, request } from 'node:https';
import type { Get } from './http-api/jwt-authorizer.ts';

/** Longest that anybody waits for an issuer. */
const PATIENCE_MS = 1_500;

/** Gets a document over HTTPS; trusts the public authorities and this machine's own. */
export const createHttpsGet = (localAuthority: string): Get => {
  const onThisMachine = new Agent({ ca: localAuthority });
  return (url) => {
    const isHere = new URL(url).hostname === 'localhost';
    return new Promise((resolve, reject) => {
      const sent = request(url, { timeout: PATIENCE_MS, ...(isHere && { agent: onThisMachine }) });
      sent.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(new Response(Buffer.concat(chunks), { status: response.statusCode ?? 500 })));
      });
      sent.on('timeout', () => sent.destroy(new Error('no answer in time')));
      sent.on('error', reject);
      sent.end();
    });
  };
};
