import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type RequestCheck, refuseRequest } from '../emulator/request-check.ts';
import type { Serve } from '../emulator/serve.ts';

/** What answers once everything runs. */
export interface Routes {
  mcp: Serve;
  /** Every path that the api function answers: the dashboard and what programs read. */
  api: Serve;
  /**
   * What only a local run can show: alarms, deliveries, logs. By path below `/local/`; `undefined` is answered with
   * 404.
   */
  local: (path: string, query: URLSearchParams) => unknown;
}

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

/**
 * Takes the port before anything else starts, and answers 503 until `setRoutes` is called. Port 0 takes any free one.
 */
export const startHttpServer = async (port: number, checkRequest: RequestCheck) => {
  let routes: Routes | undefined;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!routes) return sendJson(response, 503, { error: 'Toolwatch is starting.' });
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
    if (pathname === '/mcp') return routes.mcp(request, response) as Promise<void>;
    if (!pathname.startsWith('/local/')) return routes.api(request, response) as Promise<void>;
    const body = routes.local(pathname.slice('/local/'.length), searchParams);
    return body === undefined ? sendJson(response, 404, { error: 'Not found.' }) : sendJson(response, 200, body);
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
