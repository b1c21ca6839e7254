import { localhostAllowedOrigins, originValidationResponse } from '@modelcontextprotocol/server';
import { SESSION_HEADER } from './session.ts';

/** The largest body accepted, in bytes: with its context it must fit into the 6 MB that Lambda passes on to a tool. */
export const BODY_LIMIT = 4 * 1_048_576;

const MCP_PATHS = ['/', '/mcp'];
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

/** JSON-RPC's code for an unknown method. */
const METHOD_NOT_FOUND = -32_601;
export const INVALID_REQUEST = -32_600;

/**
 * How deep arrays and objects may nest. Some thousands of levels would overflow the stack of any code that walks them.
 */
const DEPTH_LIMIT = 100;

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

/** A protocol error that belongs to no particular message. */
export const createRpcError = (status: number, code: number, message: string): Response =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });

/**
 * The answer to a request that is rejected before its message is read; undefined when the request may go on. The origin
 * is checked so that a web page cannot reach an endpoint on its reader's machine. Only host names that are certainly
 * ours count as own pages: the page's author can choose the Host header.
 */
export const rejectEarly = (request: Request, message: string, allowed: AllowedOrigins): Response | undefined => {
  const { hostname, pathname } = new URL(request.url);
  if (!MCP_PATHS.includes(pathname)) {
    return createRpcError(404, INVALID_REQUEST, `Unknown path. MCP is served at ${MCP_PATHS.join(' and ')}.`);
  }
  if (request.headers.get('mcp-method') === ENDLESS_METHOD) {
    return createRpcError(404, METHOD_NOT_FOUND, `The method ${ENDLESS_METHOD} is not supported.`);
  }
  if (message.length <= BODY_LIMIT && isNestedTooDeep(message)) {
    return createRpcError(400, INVALID_REQUEST, `The message is nested deeper than ${DEPTH_LIMIT} levels.`);
  }
  if (allowed.origins.includes(request.headers.get('origin') ?? '')) return undefined;
  return originValidationResponse(request, [
    ...localhostAllowedOrigins(),
    ...(AWS_HOST_NAMES.some((pattern) => pattern.test(hostname)) || hostname === allowed.domain ? [hostname] : []),
  ]);
};

/**
 * True of what older clients request routinely and this server does not offer: a stream for messages from the server,
 * and the end of a session. MCP answers 405 and they continue, so no one is at fault and nothing is recorded.
 */
export const isRejectedByDesign = ({ method, headers }: Request): boolean =>
  (method === 'GET' && (headers.get('accept')?.includes('text/event-stream') ?? false)) ||
  (method === 'DELETE' && headers.has(SESSION_HEADER));
