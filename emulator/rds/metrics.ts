import type { Metrics } from '../cloudwatch/metrics.ts';
import type { DatabaseServers } from './servers.ts';

/** How many sessions there are. */
export interface SessionCounts {
  total: number;
  throughProxy: number;
  /** Sessions of the proxy that have a database connection reserved for them. */
  pinned: number;
}

interface DatabaseMetricsOptions {
  metrics: Metrics;
  servers: DatabaseServers;
  sessions: SessionCounts;
  sizeOf: (database: string) => Promise<number | undefined>;
}

/** Publishes RDS's metrics of a server and a proxy, except for CPU credits, which do not exist here. */
export const publishDatabaseMetrics = async (options: DatabaseMetricsOptions): Promise<void> => {
  const { metrics, servers, sessions, sizeOf } = options;
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
  put('DatabaseConnections', sessions.total, dimensions);
  if (capacity) {
    put('ServerlessDatabaseCapacity', capacity.min, dimensions);
    put('ACUUtilization', (100 * capacity.min) / capacity.max, dimensions);
  }
  if (allocatedBytes === undefined) return;
  const usedBytes = await sizeOf(database);
  // As in AWS, a server that is down publishes nothing.
  if (usedBytes !== undefined) put('FreeStorageSpace', allocatedBytes - usedBytes, dimensions);
};
