import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../certificate.ts';
import type { createAccessCheck, Rejection } from './access.ts';
import type { SessionCounts } from './metrics.ts';
import { createStatementTap, pinReasonOf } from './pinning.ts';
import { type DatabaseProxy, type DatabaseServer, type DatabaseServers, SERVER_HOST } from './servers.ts';
import {
  CANCEL_REQUEST,
  parametersOf,
  readFirstMessage,
  requestPassword,
  SSL_REQUEST,
  sendFatalError,
} from './wire.ts';

interface FrontOptions {
  certificate: Certificate;
  /** The path of the real server's socket. */
  upstream: string;
  servers: DatabaseServers;
  access: ReturnType<typeof createAccessCheck>;
  /** The port that clients connect to. */
  portOf: () => number;
}

/** What a proxy rejects before it authenticates a client: documented under "RDS Proxy limitations". */
const findUnsupportedFeature = ({ options, replication }: Record<string, string>): string | undefined => {
  if (options) return "Feature not supported: RDS Proxy currently doesn't support command-line options";
  if (replication) return "Feature not supported: RDS Proxy currently doesn't support replication";
  return undefined;
};

/** Connects a client to the real server, which first receives a message that has been read already. */
const forward = (client: Duplex, upstreamPath: string, firstMessage: Buffer, tap?: Duplex): void => {
  const upstream = connect(upstreamPath);
  upstream.write(firstMessage);
  (tap ? client.pipe(tap) : client).pipe(upstream).pipe(client);
  client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
  upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
};

/** Handles the clients of the database server and of the proxy: TLS, sign-in, and the connection to the real server. */
export class DatabaseFront {
  private readonly sockets = new Set<Socket>();
  private readonly proxied = new Set<Duplex>();
  private readonly pinnedSessions = new Map<Duplex, { user: string; reason: string }>();
  private readonly options: FrontOptions;

  constructor(options: FrontOptions) {
    this.options = options;
  }

  /** Takes over a new connection. */
  accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    this.admit(socket).catch(() => socket.destroy());
  }

  counts(): SessionCounts {
    return { total: this.sockets.size, throughProxy: this.proxied.size, pinned: this.pinnedSessions.size };
  }

  /** The users of pinned sessions, and why each session is pinned. */
  pinned(): { user: string; reason: string }[] {
    return [...this.pinnedSessions.values()];
  }

  closeAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private async admit(socket: Socket): Promise<void> {
    const { certificate, upstream, servers } = this.options;
    const request = await readFirstMessage(socket);
    if (request.code === CANCEL_REQUEST) return forward(socket, upstream, request.message);
    if (request.code !== SSL_REQUEST) {
      return sendFatalError(socket, '28000', 'no pg_hba.conf entry for this host, no encryption');
    }
    socket.write('S');
    const client = new TLSSocket(socket, { isServer: true, key: certificate.key, cert: certificate.cert });
    client.on('error', () => socket.destroy());
    const { code, message } = await readFirstMessage(client);
    const isForServer = (client as { servername?: string | false | null }).servername === SERVER_HOST;
    const target = isForServer ? servers.server() : (servers.proxy() ?? servers.server());
    if (code !== CANCEL_REQUEST) return this.signIn(target, client, message);
    // A proxy does not know which of its connections runs the statement, so it does not forward cancel requests.
    if (target?.kind === 'proxy') client.end();
    else forward(client, upstream, message);
  }

  private async signIn(
    target: DatabaseServer | DatabaseProxy | undefined,
    client: Duplex,
    message: Buffer,
  ): Promise<void> {
    const { access, upstream, portOf } = this.options;
    const parameters = parametersOf(message);
    const { user = '' } = parameters;
    const unsupported = target?.kind === 'proxy' ? findUnsupportedFeature(parameters) : undefined;
    if (unsupported) return sendFatalError(client, '0A000', unsupported);
    const token = await requestPassword(client);
    const attempt = { user, token, port: portOf(), now: Date.now() };
    if (target?.kind === 'proxy') {
      const rejection = await access.atProxy(target, attempt);
      return this.finish(client, rejection, () => this.forwardThroughProxy(client, message, user));
    }
    if (!target?.isAvailable) return sendFatalError(client, '57P03', 'the database system is starting up');
    const rejection = await access.atServer(target, attempt);
    this.finish(client, rejection, () => forward(client, upstream, message));
  }

  private finish(client: Duplex, rejection: Rejection | undefined, proceed: () => void): void {
    if (!rejection) proceed();
    else if (rejection !== 'no answer') sendFatalError(client, rejection.sqlstate, rejection.message);
  }

  private forwardThroughProxy(client: Duplex, message: Buffer, user: string): void {
    const { proxied, pinnedSessions, options } = this;
    proxied.add(client);
    client.on('close', () => {
      proxied.delete(client);
      pinnedSessions.delete(client);
    });
    const tap = createStatementTap((sql) => {
      const reason = pinnedSessions.has(client) ? undefined : pinReasonOf(sql);
      if (reason) pinnedSessions.set(client, { user, reason });
    });
    forward(client, options.upstream, message, tap);
  }
}
