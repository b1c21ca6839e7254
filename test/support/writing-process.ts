import { defineTool } from '../../lambdas/observe/define-tool.ts';
import { toolFacts } from './a-tool.ts';

/**
 * A process that calls a tool and reports to its parent: `node writing-process.ts MODE`. The parent reads stdout, or
 * leaves the pipe full.
 */

const tool = defineTool(toolFacts()).run(({ city }) => ({ degrees: Number(city) }));
const report = (message: unknown) => process.send?.(message);
const callTimes = async (from: number, to: number) => {
  for (let index = from; index < to; index += 1) {
    const reply = await tool({ city: String(index) }, { awsRequestId: `call-${index}` });
    if (!('degrees' in reply) || reply.degrees !== index) throw new Error(`call ${index} got another reply`);
  }
};

const modes: Record<string, () => Promise<void>> = {
  /** Is stopped one turn after its handler resolved, as when Lambda freezes a process. */
  async 'stops-immediately'() {
    await tool({ city: '1' });
    process.kill(process.pid, 'SIGSTOP');
  },
  /** The same after console.log, which makes the pipe non-blocking. */
  async 'stops-with-console'() {
    console.log('a log entry of the author');
    await tool({ city: '1' });
    process.kill(process.pid, 'SIGSTOP');
  },
  /** Calls many times while the pipe is not read, and once more when it is. */
  async 'fills-the-pipe'() {
    process.stdout.write('');
    const calls = Number(process.argv[3]);
    await callTimes(0, calls);
    report('full');
    await new Promise((resume) => process.once('message', resume));
    await callTimes(calls, calls + 1);
    report('done');
    process.disconnect();
  },
  /** Calls after its reader has closed the pipe. */
  async 'loses-its-reader'() {
    await new Promise((resume) => process.once('message', resume));
    await callTimes(0, 3);
    report('done');
    process.disconnect();
  },
};

await modes[process.argv[2] ?? '']?.();
