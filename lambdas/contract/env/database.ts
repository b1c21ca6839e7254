import * as z from 'zod';

/** For functions that sign in to the store. */
export const database = {
  DATABASE_HOST: z.string().min(1),
  DATABASE_PORT: z.coerce.number().int(),
  DATABASE_NAME: z.string().min(1),
  /** The database role that the function signs in as, by IAM. */
  DATABASE_USER: z.string().min(1),
  /** PEM file beside the code, with the certificate authorities that may have signed the server's certificate. */
  DATABASE_CA_FILE: z.string().min(1),
};

export type DatabaseEnv = z.infer<z.ZodObject<typeof database>>;
