import { redactText } from '../privacy/redact.ts';

/** An HTTP request and its answer, as the line states them under `http` in its metadata. */
export interface HttpExchange {
  method?: string | undefined;
  /** A pattern such as `/orders/{id}`, never the path itself: paths contain ids, and their number is unlimited. */
  route?: string | undefined;
  /** The status that the client read. */
  status?: number | undefined;
  /** Only where an option allows it. */
  ip?: string | undefined;
}

/** What a request was and how it was answered. */
export interface AnsweredExchange {
  method: string | undefined;
  route: string | undefined;
  status: number;
  /** Where addresses may be recorded. */
  ip?: string | undefined;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE'];
/** OpenTelemetry's word for a method that is none of these, of which clients may send any number. */
const OTHER_METHOD = '_OTHER';

/** A method in capitals, or one word for all that nobody knows. */
export function toMethod(method: unknown): string {
  const upper = typeof method === 'string' ? method.toUpperCase() : '';
  return METHODS.includes(upper) ? upper : OTHER_METHOD;
}

const MAX_SEGMENTS = 12;
const MAX_SEGMENT_LENGTH = 40;
const PLACEHOLDER = /^(?::\w+|\{[\w.+:-]+\}|<[\w:.]+>|\[[\w.]+\]|\*{1,2}|\(.*\))$/;
const VERSION = /^v\d{1,3}$/i;
const WORD = /^[A-Za-z_~$.-]+$/;

function toSegment(segment: string): string {
  if (segment === '') return '';
  const isPattern = PLACEHOLDER.test(segment) || VERSION.test(segment) || WORD.test(segment);
  return isPattern && segment.length <= MAX_SEGMENT_LENGTH && redactText(segment) === segment ? segment : '{id}';
}

/** The same few routes are requested again and again, so up to this many are remembered. */
const MAX_CACHED = 512;
const MAX_CACHED_LENGTH = 256;
const cache = new Map<string, string>();

/**
 * A route as a pattern. Whoever passes a path instead gets `{id}` for every part that has a digit or a character that
 * words have not; the query is left out.
 */
export function toRoute(path: unknown): string {
  if (typeof path !== 'string' || path === '') return '/';
  const known = cache.get(path);
  if (known !== undefined) return known;
  const route = buildRoute(path);
  if (cache.size < MAX_CACHED && path.length <= MAX_CACHED_LENGTH) cache.set(path, route);
  return route;
}

function buildRoute(path: string): string {
  const withoutHost = path.replace(/^[a-z][a-z+.-]*:\/\/[^/?#]*/i, '');
  const segments = withoutHost.replace(/[?#].*$/s, '').split('/');
  const shown = segments.slice(0, MAX_SEGMENTS).map(toSegment);
  const route = (segments.length > MAX_SEGMENTS ? [...shown, '…'] : shown).join('/');
  return route.startsWith('/') ? route : `/${route}`;
}

/** With more routes than this in one process, they are made of paths. */
const MAX_ROUTES = 500;
const ANY_ROUTE = '/{any}';
const routes = new Set<string>();

/** The same for a request that is named after its route: of more routes than a process may have, one word for all. */
export function toBoundedRoute(path: unknown): string {
  const route = toRoute(path);
  if (routes.size < MAX_ROUTES) routes.add(route);
  return routes.has(route) ? route : ANY_ROUTE;
}

type ExchangeMetadata = Readonly<Record<'http', HttpExchange>>;

/** The same few routes and statuses come again and again; each is one object, of which the JSON is remembered. */
const MAX_EXCHANGES = 512;
const MAX_IP_LENGTH = 64;
const exchanges = new Map<string, ExchangeMetadata>();

function findExchange({ method, route, status }: AnsweredExchange): ExchangeMetadata {
  const key = `${method} ${route} ${status}`;
  const known = exchanges.get(key);
  if (known) return known;
  const exchange = Object.freeze({
    http: { method: toMethod(method), ...(route !== undefined && { route: toRoute(route) }), status },
  });
  if (exchanges.size < MAX_EXCHANGES) exchanges.set(key, exchange);
  return exchange;
}

/** The metadata in which a line states its request. */
export function toExchangeMetadata(answered: AnsweredExchange): ExchangeMetadata {
  const exchange = findExchange(answered);
  const { ip } = answered;
  return ip === undefined ? exchange : { http: { ...exchange.http, ip: ip.slice(0, MAX_IP_LENGTH) } };
}

/** True for an HTTP status. */
export function isStatus(status: unknown): status is number {
  return Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599;
}
