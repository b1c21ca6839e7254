import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Servers } from './servers.ts';

export interface Sessions {
  all: number;
  throughProxy: number;
  /** Those of the proxy's that keep a connection of the server for themselves. */
  pinned: number;
}

interface Published {
  metrics: Metrics;
  servers: Servers;
  sessions: Sessions;
  sizeOf: (database: string) => Promise<number | undefined>;
}

/** What RDS says of a server and a proxy each minute. Processor credits are not among it: no processor here has any. */
export const publishDatabase = async ({ metrics, servers, sessions, sizeOf }: Published): Promise<void> => {
  const put = (name: string, value: number, dimensions: Readonly<Record<string, string>>) =>
    metrics.put({ namespace: 'AWS/RDS', name, dimensions }, value);

  const proxy = servers.proxy();
  if (proxy) {
    put('ClientConnections', sessions.throughProxy, { ProxyName: proxy.name });
    put('DatabaseConnectionsCurrentlySessionPinned', sessions.pinned, { ProxyName: proxy.name });
  }
  const server = servers.server();
  if (!server) return;
  const { dimensions, database, allocatedBytes, capacity } = server;
  put('DatabaseConnections', sessions.all, dimensions);
  if (capacity) {
    put('ServerlessDatabaseCapacity', capacity.least, dimensions);
    put('ACUUtilization', (100 * capacity.least) / capacity.most, dimensions);
  }
  if (allocatedBytes === undefined) return;
  const used = await sizeOf(database);
  // A server that is down says nothing, as in AWS.
  if (used !== undefined) put('FreeStorageSpace', allocatedBytes - used, dimensions);
};
