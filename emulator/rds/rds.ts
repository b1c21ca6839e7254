import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { Certificate } from '../certificate.ts';
import { type Clock, repeatAligned } from '../clock.ts';
import type { Metrics } from '../cloudwatch/metrics.ts';
import type { Ec2 } from '../ec2.ts';
import type { Iam } from '../iam/iam.ts';
import type { Lambda } from '../lambda/lambda.ts';
import type { Place } from '../place.ts';
import { createAccessCheck } from './access.ts';
import { DatabaseFront } from './front.ts';
import { publishDatabaseMetrics } from './metrics.ts';
import { DatabaseServers } from './servers.ts';
import { createSuperuser } from './superuser.ts';

export interface RdsOptions {
  place: Place;
  clock: Clock;
  iam: Iam;
  ec2: Ec2;
  metrics: Metrics;
  lambda: () => Lambda;
  certificate: Certificate;
  /** As in `ServicesOptions`. While the server is down, so is the database. */
  serverUrl: string;
}

/** The path of the socket in a URL whose host is the socket's folder, percent-encoded. */
const socketPathOf = (serverUrl: string): string => {
  const { hostname, port } = new URL(serverUrl);
  return join(decodeURIComponent(hostname), `.s.PGSQL.${port}`);
};

/**
 * The database server, and a proxy if the template has one: speaks TLS, admits clients whose IAM token proves that
 * their role may sign in as the user, and connects them to the real server.
 */
export const startRds = async (options: RdsOptions) => {
  const { place, clock, iam, ec2, metrics, lambda, certificate, serverUrl } = options;
  const { signsInByToken, sizeOf } = createSuperuser(serverUrl);
  const access = createAccessCheck({ place, iam, ec2, lambda, signsInByToken });
  const listener = createServer((socket) => front.accept(socket));
  const portOf = (): number => (listener.address() as AddressInfo).port;
  const servers = new DatabaseServers(place, portOf);
  const front = new DatabaseFront({ certificate, upstream: socketPathOf(serverUrl), servers, access, portOf });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject).listen(0, '127.0.0.1', resolve);
  });

  return {
    /** Publishes the database's metrics once a minute; returns a function that stops it. */
    start: (): (() => void) =>
      repeatAligned(clock, 60_000, 0, () =>
        publishDatabaseMetrics({ metrics, servers, sessions: front.counts(), sizeOf }),
      ),

    /** The users of pinned sessions, and why each session is pinned. */
    pinned: (): { user: string; reason: string }[] => front.pinned(),

    stop: (): Promise<void> =>
      new Promise((resolve) => {
        front.closeAll();
        listener.close(() => resolve());
      }),

    handlers: servers.handlers,
  };
};
