import { join } from 'node:path';
import type { Credentials } from '../iam/role.ts';
import type { Place } from '../place.ts';
import type { Configuration } from './versions.ts';

interface VariableSources {
  /** The function's name. */
  name: string;
  /** The version's number. */
  version: string;
  configuration: Configuration;
  /** The environment's log stream. */
  stream: string;
  place: Place;
  credentials: Credentials;
  /** The URL at which functions reach AWS. */
  endpoint: string;
  /** Local files that replace files of `/var/task`, by their name there. */
  fileOverrides: Readonly<Record<string, string>>;
  /** The file with the certificate authorities that functions trust beside the public ones. */
  authorityFile?: string | undefined;
}

const TASK_ROOT = '/var/task/';

/** Maps a path below `/var/task` to the local file; returns any other value unchanged. */
const toLocalPath = (folder: string, value: string, fileOverrides: VariableSources['fileOverrides']): string => {
  if (!value.startsWith(TASK_ROOT)) return value;
  const file = value.slice(TASK_ROOT.length);
  return fileOverrides[file] ?? join(folder, file);
};

/** All environment variables of a function's process: its own and those Lambda defines, and none of this machine's. */
export const variablesOf = ({
  name,
  version,
  configuration: { variables, folder, memoryMb, logging },
  stream,
  place,
  credentials,
  endpoint,
  fileOverrides,
  authorityFile,
}: VariableSources): Record<string, string> => ({
  ...Object.fromEntries(
    Object.entries(variables).map(([key, value]) => [key, toLocalPath(folder, value, fileOverrides)]),
  ),
  TZ: ':UTC',
  AWS_REGION: place.region,
  AWS_DEFAULT_REGION: place.region,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: version,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: logging.group,
  AWS_LAMBDA_LOG_STREAM_NAME: stream,
  AWS_LAMBDA_LOG_FORMAT: logging.format,
  AWS_LAMBDA_LOG_LEVEL: logging.applicationLevel,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_ENDPOINT_URL: endpoint,
  // Keeps the SDK from reading this machine's own AWS configuration.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  // What a public authority has signed elsewhere, the emulator's own has signed here.
  ...(authorityFile !== undefined && { NODE_EXTRA_CA_CERTS: authorityFile }),
});
