import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** A port that was free a moment ago. */
export const findFreePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

export interface StartOptions {
  /** The project that is started. */
  readonly project: string;
  /** Where data stays between starts. */
  readonly data: string;
  /** The page's, so that a second start has the settings of the first. */
  readonly port: number;
  readonly watches?: boolean;
}

/** Runs `npm start`, and resolves once it is ready. */
export const startProject = async ({ project, data, port, watches = false }: StartOptions) => {
  const args = ['start', '--silent', '--', '--json', '--port', String(port), '--data', data];
  const postgresPort = String(await findFreePort());
  const child = spawn('npm', [...args, '--postgres-port', postgresPort, ...(watches ? ['--watch'] : [])], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let progress = '';
  child.stderr.on('data', (text: Buffer) => {
    progress += text;
  });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const { value: line } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (line === undefined) throw new Error(`npm start ended before it was ready:\n${progress}`);
  const { mcp, page } = JSON.parse(line) as { mcp: string; page: string };
  return {
    page,
    /** What it has printed so far, step by step with their times. */
    progress: () => progress,
    /** What a tool answers a client of MCP. Rejects when the tool is not there, or fails. */
    call: async (name: string, args: Record<string, unknown>): Promise<unknown> => {
      const client = new Client({ name: 'bench', version: '1' });
      const headers = { authorization: `Bearer ${await (await fetch(`${page}/local/token`)).text()}` };
      await client.connect(new StreamableHTTPClientTransport(new URL(mcp), { requestInit: { headers } }));
      try {
        const { isError, content, structuredContent } = await client.callTool({ name, arguments: args });
        if (isError) throw new Error(`The call of ${name} failed: ${JSON.stringify(content)}`);
        return structuredContent;
      } finally {
        await client.close();
      }
    },
    /** Ends it as Ctrl+C does: npm, the shell and the program are one process group. */
    stop: async (): Promise<void> => {
      if (child.pid) process.kill(-child.pid, 'SIGINT');
      await exited;
    },
  };
};
