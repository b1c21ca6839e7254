import type { IncomingMessage, ServerResponse } from 'node:http';

/** Why a request is refused, in a sentence; undefined when it may be answered. */
export type RequestCheck = (request: IncomingMessage) => string | undefined;

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'];
/** They change nothing, and a page of another site cannot read what they are answered. */
const READING_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
/** A name is quoted in a refusal only up to this length. */
const MAX_QUOTED = 100;

/** The name of a host without its port: `localhost` of `LocalHost.:3000`. Undefined for what is no host. */
const nameIn = (host: string): string | undefined =>
  /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+?)\.?(:\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();

/** The host of an `Origin` header; that of a sandboxed page is `null`, which is no URL and has none. */
const hostOfOrigin = (origin: string): string => (URL.canParse(origin) ? new URL(origin).host : '');

const quote = (name: string): string => `"${name.slice(0, MAX_QUOTED)}"`;

interface RequestCheckOptions {
  /** Names under which people reach this machine beside its local ones, such as that of a forwarded port. */
  allowedHosts?: readonly string[];
  /** How to allow a name, as the end of a sentence. */
  howToAllow?: string;
}

/**
 * A check for servers that answer everybody on this machine. Loopback does not keep out web pages: a page's own domain
 * may resolve to 127.0.0.1 (DNS rebinding), and the browser then lets it read every answer. So a request must name this
 * machine as its host. A page may also send requests blindly: those that could change something must not come from
 * another site.
 */
export const createRequestCheck = ({
  allowedHosts = [],
  howToAllow = 'allow it where the server is started',
}: RequestCheckOptions = {}): RequestCheck => {
  const allowed = new Set([...LOCAL_NAMES, ...allowedHosts.map((host) => nameIn(host))]);
  const isAllowed = (host: string): boolean => {
    const name = nameIn(host);
    return name !== undefined && allowed.has(name);
  };
  return ({ method = 'GET', headers: { host = '', origin } }) => {
    const refuse = (rule: string, name: string) => `${rule}, not ${quote(name)}. To use that name, ${howToAllow}.`;
    if (!isAllowed(host)) return refuse('This server answers requests to localhost, 127.0.0.1 or [::1]', host);
    if (origin === undefined || READING_METHODS.includes(method) || isAllowed(hostOfOrigin(origin))) return undefined;
    return refuse('This server lets pages of localhost, 127.0.0.1 or [::1] change something', origin);
  };
};

/** Answers a request that the check refuses, and returns whether it did. */
export const refuseRequest = (check: RequestCheck, request: IncomingMessage, response: ServerResponse): boolean => {
  const why = check(request);
  if (why === undefined) return false;
  response.writeHead(403, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ error: why }));
  return true;
};
