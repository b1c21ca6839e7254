import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RequestCheck, refuseRequest } from '../emulator/request-check.ts';
import type { ReachedAt, Serve } from '../emulator/serve.ts';
import { findOperations } from '../lambdas/contract/operations.ts';
import { SIGN_IN_PATH } from './sign-in.ts';

/** What answers once everything runs. */
export interface Routes {
  mcp: Serve;
  /** Every path that the api function answers: the dashboard and what programs read. */
  api: Serve;
  /** What the operator may change in AWS. */
  operate: Serve;
  /**
   * What only a local run can show: alarms, deliveries, logs. By path below `/local/`; `undefined` is answered with
   * 404.
   */
  local: (path: string, query: URLSearchParams) => unknown;
  /** The issuers and the pages at which people sign in. */
  signIn: Serve;
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

/** The address that the client used, also behind the proxy of a dev container. */
const addressOf = ({ headers }: IncomingMessage): ReachedAt => ({
  host: headers.host ?? 'localhost',
  scheme: headers['x-forwarded-proto'] === 'https' ? 'https' : 'http',
});

const sendLocal = (response: ServerResponse, body: unknown): void => {
  if (body === undefined) sendJson(response, 404, { error: 'Not found.' });
  else if (typeof body !== 'string') sendJson(response, 200, body);
  else response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' }).end(body);
};

/**
 * Takes the port before anything else starts, and answers 503 until `setRoutes` is called. Port 0 takes any free one.
 */
export const startHttpServer = async (port: number, checkRequest: RequestCheck) => {
  let routes: Routes | undefined;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!routes) return sendJson(response, 503, { error: 'Toolwatch is starting.' });
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
    const { mcp, api, operate, local, signIn } = routes;
    if (pathname === '/mcp') return mcp(request, response, addressOf(request)) as Promise<void>;
    if (pathname.startsWith(`${SIGN_IN_PATH}/`)) return signIn(request, response) as Promise<void>;
    if (findOperations(pathname).some(({ method }) => method === request.method))
      return operate(request, response, addressOf(request)) as Promise<void>;
    if (!pathname.startsWith('/local/')) return api(request, response, addressOf(request)) as Promise<void>;
    sendLocal(response, await local(pathname.slice('/local/'.length), searchParams));
  };

  const server = createServer((request, response) => {
    if (refuseRequest(checkRequest, request, response)) return;
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) sendJson(response, 500, { error: String(error) });
    });
  });
  // A tool may take up to a quarter of an hour.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = `Port ${port} is in use. Stop the program that uses it, or choose another port with --port.`;
      reject(error.code === 'EADDRINUSE' ? new Error(inUse) : error);
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    setRoutes: (ready: Routes): void => {
      routes = ready;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
