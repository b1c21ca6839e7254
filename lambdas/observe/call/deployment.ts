import type { LabelRule } from '../../contract/label-rules.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { readItems, readText } from './read-safely.ts';

/** What every record of this process says about its origin, and how it is written. */
export interface Deployment {
  service: string;
  environment: string;
  version: string;
  /** When set, user ids are written as a keyed hash under this key. */
  userHashKey: string | undefined;
  /** True when caller faults are a metric. */
  countsCallerErrors: boolean;
  /** What labels a tool that does not state them itself. */
  labelRules: readonly LabelRule[];
}

let deployment: Deployment | undefined;

/** The rules in the environment; those without a prefix are none. */
function readLabelRules(): LabelRule[] {
  return readItems(parseJson(process.env.TOOLWATCH_LABEL_RULES ?? '[]')).flatMap((rule) => {
    const prefix = readText(rule, 'prefix');
    if (prefix === undefined) return [];
    const [gptName, provider, domain] = ['gptName', 'provider', 'domain'].map((label) => readText(rule, label));
    return [{ prefix, gptName, provider, domain }];
  });
}

/**
 * Reads the environment on first use, because an import must not. A missing variable gets a default: it is no reason to
 * fail a call.
 */
export function readDeployment(): Deployment {
  deployment ??= {
    service: process.env.POWERTOOLS_SERVICE_NAME || 'toolwatch',
    environment: process.env.TOOLWATCH_ENVIRONMENT || 'unknown',
    version: process.env.TOOLWATCH_VERSION || 'unknown',
    userHashKey: process.env.TOOLWATCH_USER_HASH_KEY || undefined,
    countsCallerErrors: process.env.TOOLWATCH_CALLER_ERROR_METRIC === 'on',
    labelRules: readLabelRules(),
  };
  return deployment;
}

let hasStarted = false;

/** True once: for the first call of an execution environment, unless Lambda started it ahead of its calls. */
export function takeColdStart(): boolean {
  if (hasStarted) return false;
  hasStarted = true;
  return process.env.AWS_LAMBDA_INITIALIZATION_TYPE !== 'provisioned-concurrency';
}
