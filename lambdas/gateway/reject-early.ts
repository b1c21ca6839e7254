import { isInitializeRequest, localhostAllowedOrigins, validateOriginHeader } from '@modelcontextprotocol/server';
import type { Received } from './http.ts';
import { type Rejection, RPC_CODES } from './rejections.ts';
import { SESSION_HEADER } from './session.ts';

/** The largest body accepted, in bytes: with its context it must fit into the 6 MB that Lambda passes on to a tool. */
export const BODY_LIMIT = 4 * 1_048_576;

const MCP_PATHS = ['/', '/mcp'];
/** MCP over HTTP is POST only; what GET and DELETE were for, this server does not offer. */
const METHOD = 'POST';
/**
 * The host names of Function URLs and of API Gateway's own endpoints, in each of AWS's partitions: AWS assigns them, so
 * no attacker can choose one.
 */
const AWS_HOST_NAMES = [
  /\.lambda-url\.[a-z0-9-]+\.on\.(aws|amazonwebservices\.com\.cn|amazonwebservices\.eu)$/,
  /\.execute-api\.[a-z0-9-]+\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu)$/,
  /\.execute-api\.[a-z0-9-]+\.(c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)$/,
];
/** A stream without an end. Lambda answers whole documents, so this method could only time out. */
const ENDLESS_METHOD = 'subscriptions/listen';

/**
 * How deep arrays and objects may nest. Some thousands of levels would overflow the stack of any code that walks them.
 */
const DEPTH_LIMIT = 100;
/** The longest id of a message, in characters: the answer repeats it, and must fit what Lambda returns. */
const ID_LIMIT = 1_024;

const [QUOTE, BACKSLASH] = ['"', '\\'];

/** True when a JSON text nests deeper than `DEPTH_LIMIT`; found without parsing it. */
export const isNestedTooDeep = (json: string): boolean => {
  let depth = 0;
  let inString = false;
  for (let index = 0; index < json.length; index += 1) {
    const character = json[index];
    if (inString) {
      if (character === BACKSLASH) index += 1;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) inString = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > DEPTH_LIMIT) return true;
    } else if (character === ']' || character === '}') depth -= 1;
  }
  return false;
};

/** Which web pages may call. */
export interface AllowedOrigins {
  /** The deployment's own domain, beside the host names that AWS assigns. */
  domain: string | undefined;
  /** Other sites: `https://app.example.com`. */
  origins: readonly string[];
}

/** The answer to a request, and the rejections in it that are recorded. */
export interface Answer {
  response: Response;
  rejections: readonly Rejection[];
}

/** Rejects a whole request, by the caller's fault. The message is fixed text, so the record has it as well. */
export const reject = (status: number, rpcCode: number, message: string, headers: HeadersInit = {}): Answer => ({
  response: Response.json(
    { jsonrpc: '2.0', error: { code: rpcCode, message }, id: null },
    { status, headers: { 'content-type': 'application/json', ...headers } },
  ),
  rejections: [{ status, rpcCode, message, fault: 'caller' }],
});

/**
 * True of what older clients request routinely and this server does not offer: a stream for messages from the server,
 * and the end of a session. MCP answers 405 and they continue, so no one is at fault and nothing is recorded.
 */
const isRejectedByDesign = ({ method, headers }: Received): boolean =>
  (method === 'GET' && (headers.get('accept')?.includes('text/event-stream') ?? false)) ||
  (method === 'DELETE' && headers.has(SESSION_HEADER));

/**
 * Checks the origin, so that a web page cannot reach an endpoint on its reader's machine. Only host names that are
 * certainly ours count as own pages: the page's author can choose the Host header.
 */
const isOriginAllowed = ({ url: { hostname }, headers }: Received, { domain, origins }: AllowedOrigins): boolean => {
  const origin = headers.get('origin');
  if (origins.includes(origin ?? '')) return true;
  const isOwn = hostname === domain || AWS_HOST_NAMES.some((pattern) => pattern.test(hostname));
  const own = isOwn ? [hostname] : [];
  return validateOriginHeader(origin, [...localhostAllowedOrigins(), ...own]).ok;
};

/**
 * The answer to a request that is rejected before its message is parsed; undefined when the request may go on.
 */
export const rejectEarly = (received: Received, allowed: AllowedOrigins): Answer | undefined => {
  const { url, method, headers, body } = received;
  const { invalidRequest, methodNotFound, parseError, serverError } = RPC_CODES;
  if (!MCP_PATHS.includes(url.pathname)) {
    return reject(404, invalidRequest, `Unknown path. MCP is served at ${MCP_PATHS.join(' and ')}.`);
  }
  if (method !== METHOD) {
    const rejected = reject(405, serverError, `Method not allowed. Use ${METHOD}.`, { allow: METHOD });
    return isRejectedByDesign(received) ? { ...rejected, rejections: [] } : rejected;
  }
  if (!isOriginAllowed(received, allowed)) {
    return reject(403, serverError, 'Web pages of this origin may not call.');
  }
  if (headers.get('mcp-method') === ENDLESS_METHOD) {
    return reject(404, methodNotFound, `The method ${ENDLESS_METHOD} is not supported.`);
  }
  if (body === undefined) return reject(400, parseError, 'The body is not UTF-8.');
  if (body.length > BODY_LIMIT || Buffer.byteLength(body) > BODY_LIMIT) {
    return reject(413, serverError, `The body is larger than ${BODY_LIMIT} bytes. Send less.`);
  }
  if (isNestedTooDeep(body)) {
    return reject(400, invalidRequest, `The message is nested deeper than ${DEPTH_LIMIT} levels.`);
  }
  return undefined;
};

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/**
 * The answer to a parsed body that the MCP server must not receive: it would take a fault of the caller for its own, or
 * give an answer that cannot be delivered. Undefined when the body may go on.
 */
export const rejectMessages = (body: unknown): Answer | undefined => {
  const messages = (Array.isArray(body) ? body : [body]).filter(isObject);
  if (messages.some(({ id }) => typeof id === 'string' && id.length > ID_LIMIT)) {
    return reject(400, RPC_CODES.invalidRequest, `The id of the message is longer than ${ID_LIMIT} characters.`);
  }
  // Together the results of several calls could be larger than what Lambda returns, after each was recorded a success.
  if (messages.filter(({ method }) => method === 'tools/call').length > 1) {
    return reject(400, RPC_CODES.invalidRequest, 'A batch may have only one tools/call. Send each call by itself.');
  }
  if (messages.some((message) => message.method === 'initialize' && 'id' in message && !isInitializeRequest(message))) {
    return reject(400, RPC_CODES.invalidParams, 'initialize needs protocolVersion, capabilities and clientInfo.');
  }
  return undefined;
};
