import { localhostAllowedOrigins, originValidationResponse } from '@modelcontextprotocol/server';
import { SESSION_HEADER } from './session.ts';

/** The largest body taken, in bytes: with its context around it, it must fit the 6 MB that Lambda hands on to a tool. */
export const BODY_LIMIT = 4 * 1_048_576;

const PATHS = ['/', '/mcp'];
/** The host names of Function URLs and of API Gateway's own endpoints: AWS gives them, nobody chooses one. */
const GIVEN_BY_AWS = /\.on\.aws$|\.execute-api\.[a-z0-9-]+\.amazonaws\.com$/;
/** A stream without an end. Lambda answers whole documents, so it could only ever time out. */
const UNENDING = 'subscriptions/listen';

/** JSON-RPC's code for a method there is not. */
const METHOD_NOT_FOUND = -32_601;
export const INVALID_REQUEST = -32_600;

/** Arrays and objects inside of each other. Beyond some thousands, every walk through a message would overflow the stack. */
const DEPTH_LIMIT = 100;

const [QUOTE, BACKSLASH] = ['"', '\\'];

/** True when a JSON text nests deeper than anybody needs; told without parsing it. */
export const nestsTooDeep = (json: string): boolean => {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < json.length; at += 1) {
    const character = json[at];
    if (inString) {
      if (character === BACKSLASH) at += 1;
      else if (character === QUOTE) inString = false;
    } else if (character === QUOTE) inString = true;
    else if (character === '[' || character === '{') {
      depth += 1;
      if (depth > DEPTH_LIMIT) return true;
    } else if (character === ']' || character === '}') depth -= 1;
  }
  return false;
};

/** Whose web pages may call. */
export interface AllowedOrigins {
  /** A name of ours beside those AWS gives. */
  domain: string | undefined;
  /** Others' pages: `https://app.example.com`. */
  origins: readonly string[];
}

/** A protocol error that answers no message in particular. */
export const rpcError = (status: number, code: number, message: string): Response =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status });

/**
 * The answer to a request that is refused before its message is read; nothing when it may come in. The origin is checked
 * because no web page may reach an endpoint on its reader's machine. Only names that are surely ours count: the Host
 * header is one the page's author can choose.
 */
export const rejectEarly = (request: Request, message: string, welcome: AllowedOrigins): Response | undefined => {
  const { hostname, pathname } = new URL(request.url);
  if (!PATHS.includes(pathname)) return rpcError(404, INVALID_REQUEST, 'There is nothing at this path.');
  if (request.headers.get('mcp-method') === UNENDING) return rpcError(404, METHOD_NOT_FOUND, `No method ${UNENDING}.`);
  if (message.length <= BODY_LIMIT && nestsTooDeep(message)) {
    return rpcError(400, INVALID_REQUEST, `Nested deeper than ${DEPTH_LIMIT} levels.`);
  }
  if (welcome.origins.includes(request.headers.get('origin') ?? '')) return undefined;
  return originValidationResponse(request, [
    ...localhostAllowedOrigins(),
    ...(GIVEN_BY_AWS.test(hostname) || hostname === welcome.domain ? [hostname] : []),
  ]);
};

/**
 * True of what older clients ask as a matter of course and are rightly denied: a stream for messages of the server's own,
 * and the end of a session. MCP's answer is 405, they go on, and nobody has done anything wrong.
 */
export const isDeniedByDesign = ({ method, headers }: Request): boolean =>
  (method === 'GET' && (headers.get('accept')?.includes('text/event-stream') ?? false)) ||
  (method === 'DELETE' && headers.has(SESSION_HEADER));
