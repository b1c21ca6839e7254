import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** An answer without the moment at which it was given, and with its age in whole minutes. */
const withoutMoment = ({ timestamp: _timestamp, ...answer }: Json): Json => {
  const { age_seconds } = answer;
  return typeof age_seconds === 'number' ? { ...answer, age_seconds: Math.floor(age_seconds / 60) } : answer;
};

/** A report of health without how long each check took. */
const withoutDurations = ({ components, ...report }: Json): Json => ({
  ...report,
  components: Array.isArray(components)
    ? components.map((component) => (isObject(component) ? { ...component, response_time_ms: undefined } : component))
    : components,
});

const HEALTH = '/health';
const DASHBOARD = '/api/observability/dashboard';

/** What of an answer in JSON is more than the moment at which it was given. */
const contentOf = (path: string, answer: unknown): unknown => {
  if (!isObject(answer)) return answer;
  const content = withoutMoment(answer);
  if (path === HEALTH) return withoutDurations(content);
  if (path === DASHBOARD && isObject(content.health))
    return { ...content, health: withoutDurations(withoutMoment(content.health)) };
  return content;
};

/** Identifies what an answer says. It is weak: answers that differ in nothing but their moment have the same. */
const etagOf = (path: string, { headers, body = '' }: APIGatewayProxyStructuredResultV2): string => {
  const isJson = /^application\/json\b/.test(String(headers?.['content-type'] ?? ''));
  const content = isJson ? JSON.stringify(contentOf(path, JSON.parse(body))) : body;
  return `W/"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
};

/** The identifiers that the sender has answers with; each may be weak or not. */
const matches = (ifNoneMatch: string, etag: string): boolean =>
  ifNoneMatch === '*' ||
  ifNoneMatch.split(',').some((given) => given.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''));

/**
 * An answer with its identifier; without its body where the sender has the same already (304), and for HEAD. Only what
 * was read with success has one, and may be stored to be asked about; nothing else may be.
 */
export const answerConditionally = (
  { headers: asked = {}, rawPath, requestContext: { http } }: APIGatewayProxyEventV2,
  { headers, ...result }: APIGatewayProxyStructuredResultV2,
): APIGatewayProxyStructuredResultV2 => {
  const method = http.method.toUpperCase();
  const isHead = method === 'HEAD';
  const withoutBody = { ...result, ...(isHead && { body: '' }) };
  if (result.statusCode !== 200 || !(isHead || method === 'GET'))
    return { ...withoutBody, headers: { 'cache-control': 'no-store', ...headers } };
  const etag = etagOf(rawPath.replace(/(?<=.)\/$/, ''), { headers: headers ?? {}, ...result });
  const given = Object.entries(asked).find(([name]) => name.toLowerCase() === 'if-none-match')?.[1];
  const ofContent = { 'cache-control': 'private, no-cache', ...headers, etag };
  if (given === undefined || !matches(given, etag)) return { ...withoutBody, headers: ofContent };
  const { 'content-type': _type, ...others } = headers ?? {};
  return { ...result, statusCode: 304, headers: { 'cache-control': 'private, no-cache', ...others, etag }, body: '' };
};
