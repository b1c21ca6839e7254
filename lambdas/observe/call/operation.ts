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

/** What the calls of one name have in common, worked out once. */
export interface Operation {
  kind: Kind;
  name: string;
  deployment: Deployment;
  /** Longer than this counts as slow, in milliseconds. */
  slowMs: number;
  /** Longer than this is an error in the log, in milliseconds. */
  criticalMs: number;
  provider: string | undefined;
  /** The line up to the time; from there on; and the same when losses are told too. */
  beforeTimestamp: string;
  afterTimestamp: string;
  afterTimestampWithLosses: string;
  /** The line's dimensions, which stand between what is told and what is measured. */
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

/** Powertools Metrics' own form of the metrics each call has; a test holds a whole line equal to it. */
const callDirective = ({ countsCallerErrors }: Deployment) => ({
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

/** `key` and `value` as they stand inside a JSON object, with the comma before. */
export const formatMember = (key: string, value: string): string => `,"${key}":${JSON.stringify(value)}`;

/** Reads the environment, so it is called with the first call and never by an import. */
export const operationOf = (facts: OperationFacts): Operation => {
  const { kind, name, toolDimension: counted, slowMs, criticalMs, provider, gptName } = facts;
  const deployment = readDeployment();
  const about =
    formatMember('schema', SCHEMA) +
    formatMember('kind', kind) +
    formatMember('name', name) +
    formatMember('environment', deployment.environment) +
    formatMember('version', deployment.version) +
    (provider ? formatMember('provider', provider) : '') +
    (gptName ? formatMember('gpt_name', gptName) : '');
  const always = [callDirective(deployment), ...(provider ? [PROVIDER_DIRECTIVE] : [])];
  const withDirectives = (directives: object[]) => `,"CloudWatchMetrics":${JSON.stringify(directives)}}${about}`;
  return {
    kind,
    name,
    deployment,
    slowMs: slowMs ?? Number.POSITIVE_INFINITY,
    criticalMs: criticalMs ?? Number.POSITIVE_INFINITY,
    provider,
    beforeTimestamp: '{"_aws":{"Timestamp":',
    afterTimestamp: withDirectives(always),
    afterTimestampWithLosses: withDirectives([...always, LOSS_DIRECTIVE]),
    dimensions:
      formatMember(CALL_DIMENSIONS.service, deployment.service) + formatMember(CALL_DIMENSIONS.tool, counted ?? name),
  };
};
