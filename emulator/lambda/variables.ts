import { join } from 'node:path';
import type { Credentials } from '../iam/iam.ts';
import type { Place } from '../place.ts';
import type { Configuration } from './versions.ts';

interface Needed {
  /** The function's name. */
  name: string;
  /** Its version's number. */
  version: string;
  configuration: Configuration;
  /** The log stream of the environment. */
  stream: string;
  place: Place;
  credentials: Credentials;
  /** Where functions find AWS. */
  endpoint: string;
  /** Local files that stand in for files of `/var/task`, by their name there. */
  standIns: Readonly<Record<string, string>>;
}

const TASK_ROOT = '/var/task/';

const inFolder = (folder: string, value: string, standIns: Needed['standIns']): string => {
  if (!value.startsWith(TASK_ROOT)) return value;
  const file = value.slice(TASK_ROOT.length);
  return standIns[file] ?? join(folder, file);
};

/** The whole environment of a function's process: its own variables and those Lambda defines; nothing of this machine's. */
export const variablesOf = ({
  name,
  version,
  configuration: { variables, folder, memoryMb, logging },
  stream,
  place,
  credentials,
  endpoint,
  standIns,
}: Needed): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, inFolder(folder, value, standIns)])),
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
  // A person's own AWS settings are none of the function's business.
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
});
