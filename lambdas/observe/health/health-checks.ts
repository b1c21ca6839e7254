import { type ReportedComponent, reportHealth } from '../../contract/health/report.ts';
import { type Finding, HEALTH, HEALTH_MESSAGE_LIMIT } from '../../contract/health/status.ts';
import type { HealthReport } from '../../contract/reports.ts';
import { readDeployment } from '../call/deployment.ts';
import { readProperty } from '../call/read-safely.ts';
import { refuse } from '../call/refuse.ts';
import { currentScope } from '../call/scope.ts';
import { toPlainText } from '../privacy/redact.ts';
import { type CheckFinding, codeOfError, unhealthy } from './finding.ts';
import { writeProbe } from './write-probe.ts';

/** What a check answers: whether all is well, or what it found. Nothing is well too, and what it throws is not. */
// biome-ignore lint/suspicious/noConfusingVoidType: a check that only throws answers nothing.
export type HealthAnswer = boolean | Finding | void;

export interface HealthCheckOptions {
  /** What is checked, such as `database` or `provider`. Default: `probe`. */
  type?: string;
  /** True when the service is unhealthy with it; otherwise it is degraded. */
  critical?: boolean;
  /** The outside host or service that is checked; a failure is then its fault. */
  domain?: string;
  /** How long the check may take, in milliseconds. Default: 5 seconds. */
  timeoutMs?: number;
  /** How long a result is reused, in milliseconds. Default: 15 seconds. */
  cacheMs?: number;
}

/** Ends when the check has no more time. */
export type HealthCheck = (signal: AbortSignal) => HealthAnswer | Promise<HealthAnswer>;

interface Registered {
  name: string;
  check: HealthCheck;
  options: HealthCheckOptions;
  cached: { result: Promise<ReportedComponent>; expiresAt: number } | undefined;
}

const NAME = /^[\w-]{1,48}$/;
const MAX_CHECKS = 100;
const MAX_TEXT_LENGTH = 64;
const TIMEOUT_MS = 5_000;
const CACHE_MS = 15_000;

const checks = new Map<string, Registered>();

function findProblem(name: unknown, check: unknown): string | undefined {
  if (typeof name !== 'string' || !NAME.test(name)) return 'its name has letters, digits, _ and -, at most 48';
  if (typeof check !== 'function') return 'there is no function that checks';
  return checks.has(name) || checks.size < MAX_CHECKS ? undefined : `a process has at most ${MAX_CHECKS}`;
}

/**
 * Registers a check of one's own under a name; the same name again replaces it. What cannot be registered is refused,
 * counted and named once in the log.
 */
export function registerHealthCheck(name: string, check: HealthCheck, options: HealthCheckOptions = {}): void {
  const problem = findProblem(name, check);
  if (problem === undefined) checks.set(name, { name, check, options: { ...options }, cached: undefined });
  else refuse(currentScope(), `A health check was not registered: ${problem}.`);
}

function readStatus(answer: unknown): Finding['status'] | undefined {
  if (answer === true || answer === undefined) return 'ok';
  if (answer === false) return 'unhealthy';
  return HEALTH.find((status) => status === readProperty(answer, 'status'));
}

const MESSAGES = { ok: 'succeeds', degraded: 'is degraded', unhealthy: 'fails', unknown: 'cannot tell' } as const;

/** Checks in JavaScript may answer anything. */
function readFinding(answer: unknown): CheckFinding {
  const status = readStatus(answer) ?? 'unknown';
  const message = readProperty(answer, 'message');
  const isStated = typeof message === 'string' && message !== '';
  return { status, message: isStated ? toPlainText(message, HEALTH_MESSAGE_LIMIT) : MESSAGES[status] };
}

function isPositive(ms: unknown): ms is number {
  return typeof ms === 'number' && ms > 0 && ms <= 2 ** 31 - 1;
}

/** What the check found, or that it failed or took too long. The words of an error are not repeated. */
async function runInTime({ check, options }: Registered): Promise<CheckFinding> {
  const timeoutMs = isPositive(options.timeoutMs) ? options.timeoutMs : TIMEOUT_MS;
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const outOfTime = new Promise<CheckFinding>((resolve) => {
    timer = setTimeout(() => {
      resolve(unhealthy('timeout', `no answer within ${timeoutMs} ms`));
      controller.abort(new DOMException('The check took too long', 'TimeoutError'));
    }, timeoutMs);
  });
  const found = (async () => readFinding(await check(controller.signal)))().catch((error: unknown) => {
    const code = codeOfError(error);
    return unhealthy(code, `fails (${code})`);
  });
  try {
    return await Promise.race([found, outOfTime]);
  } finally {
    clearTimeout(timer);
  }
}

function readText(text: unknown): string | undefined {
  return typeof text === 'string' && text !== '' ? toPlainText(text, MAX_TEXT_LENGTH) : undefined;
}

/** Runs one check and writes its line, unless it cannot tell: then nothing claims anything. */
async function run(registered: Registered): Promise<ReportedComponent> {
  const { name, options } = registered;
  const startedAtMs = Date.now();
  const startedAt = performance.now();
  const finding = await runInTime(registered);
  const durationMs = performance.now() - startedAt;
  const domain = readText(options.domain);
  const about = {
    type: readText(options.type) ?? 'probe',
    critical: options.critical === true,
    ...(domain !== undefined && { domain }),
  };
  if (finding.status !== 'unknown') writeProbe({ name, finding, startedAtMs, durationMs, ...about });
  const { status, message } = finding;
  return { name, ...about, status, message, since: null, response_time_ms: Math.round(durationMs) };
}

function readCached(registered: Registered, nowMs: number): Promise<ReportedComponent> {
  const { cached, options } = registered;
  if (cached && cached.expiresAt > nowMs) return cached.result;
  const cacheMs = isPositive(options.cacheMs) || options.cacheMs === 0 ? options.cacheMs : CACHE_MS;
  registered.cached = { result: run(registered), expiresAt: nowMs + cacheMs };
  return registered.cached.result;
}

/**
 * Runs the registered checks side by side, each within its time, and reports as `/health` does. Each new result is a line
 * of kind `probe`, so that `/health` knows it too. Never throws.
 */
export async function runHealthChecks(): Promise<HealthReport> {
  const nowMs = Date.now();
  const components = await Promise.all([...checks.values()].map((registered) => readCached(registered, nowMs)));
  const { service, version } = readDeployment();
  return { timestamp: new Date(nowMs).toISOString(), service, version, ...reportHealth(components) };
}
