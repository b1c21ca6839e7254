import {
  CALL_DIMENSIONS,
  CALL_FLAGS,
  CALL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../../contract/metrics.ts';
import { type Kind, SCHEMA } from '../../contract/vocabulary.ts';
import { type Deployment, readDeployment } from './deployment.ts';

/** What all calls of one name have in common, computed once. */
export interface Operation {
  kind: Kind;
  name: string;
  deployment: Deployment;
  /** A longer call counts as slow, in milliseconds. */
  slowMs: number;
  /** A longer call is an error in the log, in milliseconds. */
  criticalMs: number;
  provider: string | undefined;
  /** The fixed text of the line before its timestamp. */
  beforeTimestamp: string;
  /** The fixed text of the line after its timestamp. */
  afterTimestamp: string;
  /** The same for a line that also reports lost lines and fields, as a metric. */
  afterTimestampWithLosses: string;
  /** The values of the line's dimensions, which come before the values of its metrics. */
  dimensions: string;
}

export interface OperationFacts {
  kind: Kind;
  name: string;
  /** The value of the dimension `tool`; by default the name. */
  toolDimension?: string | undefined;
  slowMs?: number | undefined;
  criticalMs?: number | undefined;
  provider?: string | undefined;
  gptName?: string | undefined;
}

/**
 * The metrics of each call, in the form in which Powertools Metrics writes them; a test compares a whole line with it.
 */
const buildCallDirective = ({ countsCallerErrors }: Deployment) => ({
  Namespace: NAMESPACE,
  Dimensions: [[CALL_DIMENSIONS.service, CALL_DIMENSIONS.tool]],
  Metrics: [
    { Name: CALL_METRICS.duration, Unit: 'Milliseconds' },
    { Name: CALL_METRICS.error, Unit: 'Count' },
    ...(countsCallerErrors ? [{ Name: CALL_FLAGS.callerError, Unit: 'Count' }] : []),
  ],
});

const PROVIDER_DIRECTIVE = {
  Namespace: NAMESPACE,
  Dimensions: [[PROVIDER_DIMENSIONS.service, PROVIDER_DIMENSIONS.provider]],
  Metrics: [{ Name: PROVIDER_METRICS.failed, Unit: 'Count' }],
};

const LOSS_DIRECTIVE = {
  Namespace: NAMESPACE,
  Dimensions: [[CALL_DIMENSIONS.service]],
  Metrics: [{ Name: PIPELINE_METRICS.telemetryDropped, Unit: 'Count' }],
};

/** A key and its value as part of a JSON object, with a comma in front. */
export const formatMember = (key: string, value: string): string => `,"${key}":${JSON.stringify(value)}`;

/** Creates an operation. It reads the environment, so it is called on the first call and never on import. */
export const operationOf = (facts: OperationFacts): Operation => {
  const { kind, name, toolDimension = name, slowMs, criticalMs, provider, gptName } = facts;
  const deployment = readDeployment();
  const fixedFields =
    formatMember('schema', SCHEMA) +
    formatMember('kind', kind) +
    formatMember('name', name) +
    formatMember('environment', deployment.environment) +
    formatMember('version', deployment.version) +
    (provider ? formatMember('provider', provider) : '') +
    (gptName ? formatMember('gpt_name', gptName) : '');
  const directives = [buildCallDirective(deployment), ...(provider ? [PROVIDER_DIRECTIVE] : [])];
  const formatAfterTimestamp = (metrics: object[]) => `,"CloudWatchMetrics":${JSON.stringify(metrics)}}${fixedFields}`;
  return {
    kind,
    name,
    deployment,
    slowMs: slowMs ?? Number.POSITIVE_INFINITY,
    criticalMs: criticalMs ?? Number.POSITIVE_INFINITY,
    provider,
    beforeTimestamp: '{"_aws":{"Timestamp":',
    afterTimestamp: formatAfterTimestamp(directives),
    afterTimestampWithLosses: formatAfterTimestamp([...directives, LOSS_DIRECTIVE]),
    dimensions:
      formatMember(CALL_DIMENSIONS.service, deployment.service) + formatMember(CALL_DIMENSIONS.tool, toolDimension),
  };
};
