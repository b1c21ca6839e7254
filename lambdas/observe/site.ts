import type { Kind } from '../contract/invocation.ts';
import { CALL_DIMENSIONS, CALL_METRICS, NAMESPACE } from '../contract/metrics.ts';
import { type Deployment, deploymentOf } from './deployment.ts';

/** What the calls of one name have in common, worked out once. */
export interface Site {
  kind: Kind;
  name: string;
  deployment: Deployment;
  /** Longer than this counts as slow, in milliseconds. */
  slowMs: number;
  provider?: string;
  gptName?: string;
  /** The line up to the time, and from there to the first thing that differs between calls. */
  head: readonly [string, string];
  /** The line's dimensions, which stand between what is told and what is measured. */
  dimensions: string;
}

export interface SiteFacts {
  kind: Kind;
  name: string;
  /** The value of the dimension `tool`; by default the name. */
  counted?: string;
  slowMs?: number;
  provider?: string | undefined;
  gptName?: string | undefined;
}

/** Powertools Metrics' own form of the four metrics each call has; a test holds a whole line equal to it. */
const EMF_DIRECTIVE = JSON.stringify([
  {
    Namespace: NAMESPACE,
    Dimensions: [[CALL_DIMENSIONS.service, CALL_DIMENSIONS.tool]],
    Metrics: [
      { Name: CALL_METRICS.duration, Unit: 'Milliseconds' },
      { Name: CALL_METRICS.error, Unit: 'Count' },
      { Name: CALL_METRICS.callerError, Unit: 'Count' },
      { Name: CALL_METRICS.slow, Unit: 'Count' },
    ],
  },
]);

/** `key` and `value` as they stand inside a JSON object, with the comma before. */
export const member = (key: string, value: string): string => `,"${key}":${JSON.stringify(value)}`;

/** Reads the environment, so it is called with the first call and never by an import. */
export const siteOf = ({ kind, name, counted, slowMs, provider, gptName }: SiteFacts): Site => {
  const deployment = deploymentOf();
  const about =
    member('kind', kind) +
    member('name', name) +
    member('environment', deployment.environment) +
    member('version', deployment.version) +
    (provider ? member('provider', provider) : '') +
    (gptName ? member('gpt_name', gptName) : '');
  return {
    kind,
    name,
    deployment,
    slowMs: slowMs ?? Number.POSITIVE_INFINITY,
    ...(provider && { provider }),
    ...(gptName && { gptName }),
    head: ['{"_aws":{"Timestamp":', `,"CloudWatchMetrics":${EMF_DIRECTIVE}},"schema":"toolwatch.v1"${about}`],
    dimensions: member(CALL_DIMENSIONS.service, deployment.service) + member(CALL_DIMENSIONS.tool, counted ?? name),
  };
};
