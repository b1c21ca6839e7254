/** Where the value of a tool's secret is stored. */
export type SecretSource =
  /** A secret in Secrets Manager, by name or ARN; with `field`, the text under this key of the JSON object in it. */
  | { secret: string; field?: string | undefined }
  /** A parameter in Systems Manager's Parameter Store, by name. */
  | { parameter: string };

/** The sources of the secrets that a function's tool reads, by the names that its facts give them. */
export type SecretSources = Readonly<Record<string, SecretSource>>;

/** The value of a secret that the stack created and to which nobody has given a value. */
export const UNSET_SECRET = 'not set';
