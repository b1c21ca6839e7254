/** What every record of this process says about its origin, and how it is written. */
export interface Deployment {
  service: string;
  environment: string;
  version: string;
  /** When set, user ids are written as a keyed hash under this key. */
  userHashKey: string | undefined;
  /** True when caller faults are a metric. */
  countsCallerErrors: boolean;
}

let deployment: Deployment | undefined;

/**
 * Reads the environment on first use, because an import must not. A missing variable gets a default: it is no reason to
 * fail a call.
 */
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

let hasStarted = false;

/** True once: for the first call of an execution environment, unless Lambda started it ahead of its calls. */
export const takeColdStart = (): boolean => {
  if (hasStarted) return false;
  hasStarted = true;
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE !== 'provisioned-concurrency';
};
