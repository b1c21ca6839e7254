import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openDatabase } from '../../lambdas/database/database.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { makeDatabase, type PostgresServer, startPostgres } from '../../local/postgres.ts';
import type { Traffic } from '../store/generate.ts';
import type { BatchOrder } from './writer.ts';

export const BATCH = 2_000;

/** Starts the server, also after a kill, when its orphaned processes may hold its shared memory for a moment. */
const startServer = async (folder: string, port: number, triesLeft = 40): Promise<PostgresServer> => {
  try {
    return await startPostgres({ folder, port, settings: { shared_buffers: '512MB' } });
  } catch (error) {
    if (triesLeft === 0) throw error;
    await pause(500);
    return startServer(folder, port, triesLeft - 1);
  }
};

/** A store whose server and writers are killed while they work. */
export class CrashingStore {
  serverKills = 0;
  writerKills = 0;
  batchesSent = 0;
  readonly #folder: string;
  #server: PostgresServer;
  readonly #writers = new Set<ChildProcess>();

  private constructor(folder: string, server: PostgresServer) {
    this.#folder = folder;
    this.#server = server;
  }

  /** A new server with an empty store in this folder. */
  static async start(folder: string): Promise<CrashingStore> {
    const server = await startServer(folder, 0);
    const store = new CrashingStore(folder, server);
    try {
      await makeDatabase(server);
      const owner = store.open('owner');
      await owner.run((client) => migrate(client));
      await owner.close();
      return store;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  urlFor(role: string): string {
    const url = new URL(this.#server.socketUrl);
    url.username = `toolwatch_${role}`;
    url.pathname = 'toolwatch';
    return url.href;
  }

  open(role: string) {
    return openDatabase({ connectionString: this.urlFor(role) });
  }

  async killServer(): Promise<void> {
    const exited = new Promise((resolve) => this.#server.process.once('exit', resolve));
    this.#server.process.kill('SIGKILL');
    this.serverKills += 1;
    await exited;
    this.#server = await startServer(this.#folder, this.#server.port);
  }

  /** Kills one of the writers that are running, if any is. */
  killWriter(random: () => number): void {
    const victim = [...this.#writers][Math.floor(random() * this.#writers.size)];
    if (!victim) return;
    victim.kill('SIGKILL');
    this.writerKills += 1;
  }

  /** Stores the waiting batches. When its writer is killed, that batch waits again and another writer goes on. */
  async write(traffic: Traffic, waiting: number[]): Promise<void> {
    const url = this.urlFor('writer');
    let writer: ChildProcess | undefined;
    for (let from = waiting.shift(); from !== undefined; from = waiting.shift()) {
      writer ??= fork(join(import.meta.dirname, 'writer.ts'), {
        execArgv: ['--import', 'tsx'],
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      });
      this.#writers.add(writer);
      const count = Math.min(BATCH, traffic.calls - from);
      const isStored = await sendBatch(writer, { url, traffic, from, count });
      this.batchesSent += 1;
      if (!isStored) waiting.push(from);
      if (writer.exitCode !== null || writer.signalCode !== null) {
        this.#writers.delete(writer);
        writer = undefined;
      } else if (!isStored) await pause(200);
    }
    writer?.kill('SIGKILL');
  }
}

/** Resolves with whether the batch is certainly stored. */
const sendBatch = async (writer: ChildProcess, order: BatchOrder): Promise<boolean> => {
  const isStored = await new Promise<boolean>((resolve) => {
    writer.once('message', (reply: { stored: boolean }) => resolve(reply.stored));
    writer.once('exit', () => resolve(false));
    writer.send(order);
  });
  writer.removeAllListeners();
  return isStored;
};
