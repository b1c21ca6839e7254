import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers one HTTP request. */
export type Serve = (request: IncomingMessage, response: ServerResponse) => unknown;
