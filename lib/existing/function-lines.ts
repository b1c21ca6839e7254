import { Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { unqualified } from './function-name.ts';

/** The service of lines whose function states none: `readDeployment` of the wrapper. */
const DEFAULT_SERVICE = 'toolwatch';
const LEVELS_WITH_INFO = [undefined, 'TRACE', 'DEBUG', 'INFO'];

interface Lines {
  readonly tool: string;
  readonly function: lambda.IFunction;
  readonly service: string;
  readonly callLogName: string;
  /** Whether alarms read the metric of the caller's faults. */
  readonly callerErrors: boolean;
}

/** What is wrong with the lines of a function, as far as its resource shows. */
export interface LineProblems {
  /** Alarms or the store would never see them. */
  readonly errors: readonly string[];
  /** They would not, unless the function's own code sees to it. */
  readonly warnings: readonly string[];
}

/** The resource of a function that this app deploys; none of one that is imported. */
const resourceOf = (fn: lambda.IFunction): lambda.CfnFunction | undefined => {
  const { defaultChild } = (unqualified(fn) as IConstruct).node;
  return defaultChild instanceof lambda.CfnFunction ? defaultChild : undefined;
};

/** Compares what a function of this app writes, and where, with what its alarms and the store read. */
export function findLineProblems({ tool, function: fn, service, callLogName, callerErrors }: Lines): LineProblems {
  const resource = resourceOf(fn);
  if (!resource) return { errors: [], warnings: [] };
  const stack = Stack.of(resource);
  const { environment, loggingConfig, runtime } = stack.resolve({
    environment: resource.environment,
    loggingConfig: resource.loggingConfig,
    runtime: resource.runtime,
  });
  const variables: Record<string, unknown> = environment?.variables ?? {};
  const isOurWrapper = String(runtime ?? '').startsWith('nodejs');
  const { logFormat, applicationLogLevel, logGroup } = loggingConfig ?? {};
  const what = `The function of the tool ${tool}`;
  return {
    errors: [
      ...(logFormat === 'JSON' && !LEVELS_WITH_INFO.includes(applicationLogLevel)
        ? [
            `${what} logs at ${applicationLogLevel}, which drops the lines of its calls; write applicationLogLevel INFO.`,
          ]
        : []),
      ...(isOurWrapper ? wrongService(what, variables.POWERTOOLS_SERVICE_NAME, service) : []),
      ...(callerErrors && isOurWrapper && variables.TOOLWATCH_CALLER_ERROR_METRIC !== 'on'
        ? [`${what} does not write what alarms.callerFaultShift reads; set TOOLWATCH_CALLER_ERROR_METRIC to on.`]
        : []),
    ],
    warnings: [
      ...(isOurWrapper && variables.POWERTOOLS_SERVICE_NAME === undefined && service !== DEFAULT_SERVICE
        ? [`${what} states no service, and its alarms read that of ${service}; set POWERTOOLS_SERVICE_NAME to it.`]
        : []),
      ...(logFormat === 'JSON'
        ? []
        : [`${what} does not log as JSON, so no metric is read from its lines; write loggingFormat JSON.`]),
      ...wrongLogGroup(what, { logGroup, name: stack.resolve(resource.functionName) }, stack.resolve(callLogName)),
    ],
  };
}

const wrongService = (what: string, stated: unknown, service: string): string[] =>
  typeof stated === 'string' && stated !== service
    ? [`${what} writes lines of the service ${stated}, and its alarms read that of ${service}; write the same in both.`]
    : [];

/** A log group that is named differently in two places may still be one: so this is certain only of two texts. */
function wrongLogGroup(
  what: string,
  { logGroup, name }: { logGroup?: unknown; name?: unknown },
  callLogName: unknown,
): string[] {
  const writes = logGroup ?? (typeof name === 'string' ? `/aws/lambda/${name}` : undefined);
  if (typeof writes !== 'string' || typeof callLogName !== 'string' || writes === callLogName) return [];
  return [`${what} writes to ${writes} and not to ${callLogName}, which callLogName states; give it that log group.`];
}
