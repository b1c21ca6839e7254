import { defineTool } from '../../lambdas/observe/define-tool.ts';
import { toolFacts } from './a-tool.ts';

/**
 * A process that calls a tool and tells its parent how that went: `node writing-process.ts MODE`. Stdout is the
 * parent's to read or to leave full.
 */

const tool = defineTool(toolFacts()).run(({ city }) => ({ degrees: Number(city) }));
const say = (message: unknown) => process.send?.(message);
const callTimes = async (from: number, to: number) => {
  for (let index = from; index < to; index += 1) {
    const reply = await tool({ city: String(index) }, { awsRequestId: `call-${index}` });
    if (!('degrees' in reply) || reply.degrees !== index) throw new Error(`call ${index} was disturbed`);
  }
};

const modes: Record<string, () => Promise<void>> = {
  /** Is stopped one turn after its handler resolved, as Lambda freezes a process. */
  async 'stops-at-once'() {
    await tool({ city: '1' });
    process.kill(process.pid, 'SIGSTOP');
  },
  /** The same with the console in use, which makes the pipe one that does not block. */
  async 'stops-with-console'() {
    console.log('an author’s own words');
    await tool({ city: '1' });
    process.kill(process.pid, 'SIGSTOP');
  },
  /** Calls on and on while nobody reads; then once more when somebody does. */
  async 'fills-the-pipe'() {
    process.stdout.write('');
    const calls = Number(process.argv[3]);
    await callTimes(0, calls);
    say('full');
    await new Promise((resume) => process.once('message', resume));
    await callTimes(calls, calls + 1);
    say('done');
    process.disconnect();
  },
  /** Calls on after its reader has gone. */
  async 'loses-its-reader'() {
    await new Promise((resume) => process.once('message', resume));
    await callTimes(0, 3);
    say('done');
    process.disconnect();
  },
};

await modes[process.argv[2] ?? '']?.();
