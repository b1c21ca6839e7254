import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Serve } from '../emulator/serve.ts';

/** What answers once everything runs. */
export interface Routes {
  mcp: Serve;
  /** Everything people and scripts look at that the api function answers. */
  api: Serve;
  /** What only a machine of one's own can show: alarms, deliveries, logs. By path below `/local/`. */
  local: (path: string, query: URLSearchParams) => unknown;
}

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
};

/** One port for people and programs. It is taken before anything else starts, and says so until `open` gives it routes. */
export const startFront = async (port: number) => {
  let routes: Routes | undefined;

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!routes) return json(response, 503, { error: 'Toolwatch is starting.' });
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://local');
    if (pathname === '/mcp') return routes.mcp(request, response) as Promise<void>;
    if (!pathname.startsWith('/local/')) return routes.api(request, response) as Promise<void>;
    const found = routes.local(pathname.slice('/local/'.length), searchParams);
    return found === undefined ? json(response, 404, { error: 'There is nothing here.' }) : json(response, 200, found);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (!response.headersSent) json(response, 500, { error: String(error) });
    });
  });
  // A tool may take a quarter of an hour.
  server.requestTimeout = 0;
  await new Promise<void>((listening, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = `Port ${port} is in use; stop what listens there, or choose another with --port.`;
      failed(error.code === 'EADDRINUSE' ? new Error(inUse) : error);
    });
    server.listen(port, '127.0.0.1', listening);
  });
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    open: (opened: Routes): void => {
      routes = opened;
    },
    stop: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
