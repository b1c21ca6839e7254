import { isDimensionValue } from '../../contract/limits.ts';
import {
  CALL_DIMENSIONS,
  CALL_FLAGS,
  CALL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../../contract/metrics.ts';
import { type Kind, SCHEMA, UNREGISTERED } from '../../contract/vocabulary.ts';
import { fitKey, fitWords } from '../line/fit-text.ts';
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

/** A text of the code's own, or of its environment: within the limits, and never empty. */
const formatWords = (key: string, value: string): string => formatMember(key, fitWords(value) || 'unknown');

/** Creates an operation. It reads the environment, so it is called on the first call and never on import. */
export const operationOf = (facts: OperationFacts): Operation => {
  const { kind, slowMs, criticalMs, provider, gptName } = facts;
  // The name may come from an event.
  const name = (typeof facts.name === 'string' && fitKey(facts.name)) || 'unknown';
  const toolDimension = facts.toolDimension ?? name;
  const deployment = readDeployment();
  const fixedFields =
    formatMember('schema', SCHEMA) +
    formatMember('kind', kind) +
    formatMember('name', name) +
    formatWords('environment', deployment.environment) +
    formatWords('version', deployment.version) +
    (provider ? formatWords('provider', provider) : '') +
    (gptName ? formatWords('gpt_name', gptName) : '');
  const countsProvider = provider !== undefined && isDimensionValue(fitWords(provider));
  const directives = [buildCallDirective(deployment), ...(countsProvider ? [PROVIDER_DIRECTIVE] : [])];
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
      formatWords(CALL_DIMENSIONS.service, deployment.service) +
      formatMember(CALL_DIMENSIONS.tool, isDimensionValue(toolDimension) ? toolDimension : UNREGISTERED),
  };
};
