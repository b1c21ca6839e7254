import { writeSync } from 'node:fs';
import type { LambdaContext } from '../../lambdas/observe/call/incoming.ts';

/**
 * One measured process: `node child.mjs BUNDLE WARM-UP CALLS`. Loads the bundle, makes the first call, warms up, then
 * measures each call. stdout belongs to the peer, so the figures go to file descriptor 3.
 */

const RESULTS_FD = 3;
/** After so many calls the pipe's reader gets time to empty it, so that a slow reader is not measured. */
const CALLS_BETWEEN_PAUSES = 25;
const pause = () => new Promise((resume) => setTimeout(resume, 1));

const [bundle = '', warmUp = '0', calls = '0'] = process.argv.slice(2);

const event = {
  order_id: 'A-1042',
  customer: { name: 'Nobody in particular', city: 'Utrecht' },
  include: ['items', 'history'],
  limit: 20,
};

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
let contextsCreated = 0;
/** The context that the gateway sends with a call; each with its own id. */
const createContext = (): LambdaContext => {
  contextsCreated += 1;
  const time = hex(Date.now(), 12);
  const event_id = `${time.slice(0, 8)}-${time.slice(8)}-7abc-8def-${hex(contextsCreated, 12)}`;
  const custom = {
    bedrockAgentCoreToolName: 'toolwatch___order_status',
    toolwatchCall: JSON.stringify({
      event_id,
      correlation_id: event_id,
      traceparent: `00-0af7651916cd43dd8448eb21${hex(contextsCreated, 8)}-b7ad6b7169203331-01`,
      tenant_id: 'acme',
      user_id: `user-${contextsCreated % 1_000}`,
      session_id: `session-${contextsCreated % 5_000}`,
      client_name: 'claude-desktop',
      client_version: '1.24.0',
      user_agent: 'claude-desktop/1.24.0 (darwin; arm64) mcp/2026-07-28',
    }),
  };
  return {
    awsRequestId: event_id,
    functionName: 'toolwatch-tool-order_status',
    functionVersion: '$LATEST',
    memoryLimitInMB: '256',
    getRemainingTimeInMillis: () => 30_000,
    clientContext: { custom } as unknown as NonNullable<LambdaContext['clientContext']>,
  };
};

/** Processor time of all threads so far, in milliseconds: other processes' work is not in it. */
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

const beforeImport = performance.now();
const cpuBeforeImport = cpuMs();
const { handler } = (await import(bundle)) as {
  handler?: (event: unknown, context: LambdaContext) => Promise<unknown>;
};
const importMs = performance.now() - beforeImport;

const figures: Record<string, number> = { importMs, importCpuMs: cpuMs() - cpuBeforeImport };
if (handler) {
  const context = createContext();
  const cpuBeforeFirst = cpuMs();
  const beforeFirst = performance.now();
  await handler(event, context);
  figures.firstMs = performance.now() - beforeFirst;
  figures.firstCpuMs = cpuMs() - cpuBeforeFirst;

  for (let call = 0; call < Number(warmUp); call += 1) {
    if (call % CALLS_BETWEEN_PAUSES === 0) await pause();
    await handler(event, createContext());
  }

  if (Number(calls) > 0) {
    const contexts = Array.from({ length: Number(calls) }, createContext);
    const times = new Float64Array(contexts.length);
    const cpuBefore = process.cpuUsage();
    for (const [index, context] of contexts.entries()) {
      if (index % CALLS_BETWEEN_PAUSES === 0) await pause();
      const before = performance.now();
      await handler(event, context);
      times[index] = performance.now() - before;
    }
    const cpu = process.cpuUsage(cpuBefore);
    times.sort();
    figures.medianUs = (times[times.length >> 1] ?? 0) * 1_000;
    figures.p99Us = (times[Math.floor(times.length * 0.99)] ?? 0) * 1_000;
    figures.cpuUs = (cpu.user + cpu.system) / times.length;
  }
}
writeSync(RESULTS_FD, JSON.stringify(figures));
process.exit(0);
