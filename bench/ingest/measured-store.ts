import type pg from 'pg';
import { parametersOf } from '../../lambdas/ingest/store.ts';
import { copyIn, copyStatement, copyText } from '../store/copy-in.ts';
import { connect, elementOid, storeEncoded } from '../store/fill.ts';
import type { StoreServer } from '../store/store-server.ts';
import type { Rounds } from './rounds.ts';
import { measureThroughput, type Throughput } from './throughput.ts';

/** The store on its server, with the ways to write to it. Each way stores a round of its own unless it is given one. */
export class MeasuredStore {
  readonly #server: StoreServer;
  readonly #rounds: Rounds;
  readonly #oid: number;
  readonly #refresher: pg.Client;

  private constructor(server: StoreServer, rounds: Rounds, oid: number, refresher: pg.Client) {
    this.#server = server;
    this.#rounds = rounds;
    this.#oid = oid;
    this.#refresher = refresher;
  }

  static async open(server: StoreServer, rounds: Rounds): Promise<MeasuredStore> {
    const refresher = await connect(server.urlFor('refresher'));
    return new MeasuredStore(server, rounds, await elementOid(server.superuser), refresher);
  }

  close(): Promise<void> {
    return this.#refresher.end();
  }

  /** Sends all batches over this many connections. */
  async #send<Batch>(
    url: string,
    writers: number,
    batches: Batch[],
    sendBatch: (client: pg.Client, batch: Batch) => Promise<unknown>,
  ): Promise<Throughput> {
    const clients = await Promise.all(Array.from({ length: writers }, () => connect(url)));
    const waiting = [...batches];
    const throughput = await measureThroughput(this.#server.superuser, this.#rounds.rows, () =>
      Promise.all(
        clients.map(async (client) => {
          for (let batch = waiting.shift(); batch; batch = waiting.shift()) await sendBatch(client, batch);
        }),
      ),
    );
    await Promise.all(clients.map((client) => client.end()));
    return throughput;
  }

  copy(writers: number): Promise<Throughput> {
    const contents = this.#rounds.next().map((records, index) => copyText(records, -index - 1));
    const copy = copyStatement('analytics.invocations');
    return this.#send(this.#server.urlFor(), writers, contents, (client, content) => copyIn(client, copy, content));
  }

  encodeRound(): unknown[][] {
    return this.#rounds.next().map((records) => parametersOf(records, this.#oid));
  }

  ingest(writers: number, batches = this.encodeRound()): Promise<Throughput> {
    return this.#send(this.#server.urlFor('writer'), writers, batches, storeEncoded);
  }

  rollUp(): Promise<Throughput> {
    return measureThroughput(this.#server.superuser, this.#rounds.rows, () =>
      this.#refresher.query('select rollup.roll_up()'),
    );
  }
}
