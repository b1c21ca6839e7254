import { readFileSync } from 'node:fs';
import { Signer } from '@aws-sdk/rds-signer';
import type pg from 'pg';
import type { DatabaseEnv } from '../contract/env/database.ts';

/** Long enough for an instance to answer during a failover, and shorter than any function's timeout. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * How a function signs in: with an IAM token created for each database connection, over TLS with a verified
 * certificate.
 */
export const configurationOf = (env: DatabaseEnv): pg.ClientConfig => {
  const signer = new Signer({
    hostname: env.DATABASE_HOST,
    port: env.DATABASE_PORT,
    username: env.DATABASE_USER,
  });
  return {
    host: env.DATABASE_HOST,
    port: env.DATABASE_PORT,
    database: env.DATABASE_NAME,
    user: env.DATABASE_USER,
    password: () => signer.getAuthToken(),
    ssl: { ca: readFileSync(env.DATABASE_CA_FILE, 'utf8'), rejectUnauthorized: true },
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  };
};
