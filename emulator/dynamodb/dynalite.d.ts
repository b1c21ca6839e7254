declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    /** The folder of its data; by default in memory. */
    path?: string;
    /** How long a new table is not ready yet, in milliseconds. */
    createTableMs?: number;
    deleteTableMs?: number;
  }

  /** DynamoDB's API over HTTP. It reads who signed a request and does not check the signature. */
  export default function dynalite(options?: DynaliteOptions): Server;
}
