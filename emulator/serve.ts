import type { IncomingMessage, ServerResponse } from 'node:http';

/** The address that a request was sent to, where that is none of AWS's. */
export interface ReachedAt {
  scheme: 'http' | 'https';
  host: string;
}

/** Answers one HTTP request. */
export type Serve = (request: IncomingMessage, response: ServerResponse, reachedAt?: ReachedAt) => unknown;
