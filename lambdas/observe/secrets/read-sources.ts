import { parseJson } from '../../contract/parse-json.ts';
import type { SecretSources } from '../../contract/secret-source.ts';

let sources: SecretSources | undefined;

/** Where the function's secrets are stored, as its environment says; read once. */
export const readSecretSources = (): SecretSources => {
  sources ??= (parseJson(process.env.TOOLWATCH_SECRETS ?? '{}') ?? {}) as SecretSources;
  return sources;
};
