/** What every record of this process says about where it was made. */
export interface Deployment {
  service: string;
  environment: string;
  version: string;
  /** When set, user ids leave as a hash under this key. */
  userHashKey: string | undefined;
  /** Are callers' faults a metric? */
  countsCallerErrors: boolean;
}

let deployment: Deployment | undefined;

/** Read from the environment when first asked, so that importing reads nothing. A missing variable is no reason to fail a call. */
export const readDeployment = (): Deployment => {
  deployment ??= {
    service: process.env.POWERTOOLS_SERVICE_NAME || 'toolwatch',
    environment: process.env.TOOLWATCH_ENVIRONMENT || 'unknown',
    version: process.env.TOOLWATCH_VERSION || 'unknown',
    userHashKey: process.env.TOOLWATCH_USER_HASH_KEY || undefined,
    countsCallerErrors: process.env.TOOLWATCH_CALLER_ERROR_METRIC === 'on',
  };
  return deployment;
};

let started = false;

/** True once: for the first call of an environment that was not started ahead of its calls. */
export const takeColdStart = (): boolean => {
  if (started) return false;
  started = true;
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE !== 'provisioned-concurrency';
};
