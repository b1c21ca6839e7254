import { labelsByRules } from '../../contract/label-rules.ts';
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
import { toPlainId } from '../line/caller-text.ts';
import { fitKey, fitWords } from '../line/fit-text.ts';
import { redactText } from '../privacy/redact.ts';
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
  /** True when a slow call is a warning in the log. */
  warnsWhenSlow: boolean;
  provider: string | undefined;
  /** What it was created from. */
  facts: OperationFacts;
  /** The same operation with other labels, by these. */
  relabelled: Map<string, Operation> | undefined;
  /** The fixed text of the line before its timestamp. */
  beforeTimestamp: string;
  /** The fixed text of the line after its timestamp. */
  afterTimestamp: string;
  /** The same for a line that has other metrics than most. */
  formatAfterTimestamp: (line: UnusualLine) => string;
  /** The values of the line's dimensions, which come before the values of its metrics. */
  dimensions: string;
}

/** Which metrics a line has or lacks. */
interface UnusualLine {
  /** A call that failed by its caller's fault is no sample of the tool's or the provider's failures. */
  isCallersFault: boolean;
  /** It also reports lost lines and fields, as a metric. */
  hasLosses: boolean;
}

export interface OperationFacts {
  kind: Kind;
  name: string;
  /** The value of the dimension `tool`; by default the name. */
  toolDimension?: string | undefined;
  slowMs?: number | undefined;
  criticalMs?: number | undefined;
  /** False for a tool whose threshold is that of its alarm, which allows some slow calls. */
  warnsWhenSlow?: boolean;
  provider?: string | undefined;
  gptName?: string | undefined;
  domain?: string | undefined;
  /** False when failures of this provider are no metric. */
  countsProvider?: boolean;
  /** False when its calls are no metric: they are counted in the store only, and cost nothing in CloudWatch. */
  hasMetrics?: boolean;
}

/**
 * The metrics of each call, in the form in which Powertools Metrics writes them; a test compares a whole line with it.
 */
function buildCallDirective({ countsCallerErrors }: Deployment, isCallersFault: boolean) {
  return {
    Namespace: NAMESPACE,
    Dimensions: [[CALL_DIMENSIONS.service, CALL_DIMENSIONS.tool]],
    Metrics: [
      { Name: CALL_METRICS.duration, Unit: 'Milliseconds' },
      ...(isCallersFault ? [] : [{ Name: CALL_METRICS.error, Unit: 'Count' }]),
      ...(countsCallerErrors ? [{ Name: CALL_FLAGS.callerError, Unit: 'Count' }] : []),
    ],
  };
}

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
export function formatMember(key: string, value: string): string {
  return `,"${key}":${JSON.stringify(value)}`;
}

/** A text of the code's own, or of its environment: within the limits, and never empty. */
function formatWords(key: string, value: string): string {
  return formatMember(key, fitWords(value) || 'unknown');
}

/** A name as it may be written. It may come from an event, or be an address with a token: a secret becomes a hash. */
export function toPlainName(name: unknown): string {
  if (typeof name !== 'string' || name === '') return 'unknown';
  return (redactText(name) === name ? fitKey(name) : toPlainId(name)) || 'unknown';
}

/** Creates an operation. It reads the environment, so it is called on the first call and never on import. */
export function operationOf(facts: OperationFacts): Operation {
  const { kind, slowMs, criticalMs } = facts;
  const name = toPlainName(facts.name);
  const toolDimension = facts.toolDimension ?? name;
  const deployment = readDeployment();
  const byRules = kind === 'tool' ? labelsByRules(name, deployment.labelRules) : {};
  const { provider = byRules.provider, gptName = byRules.gptName, domain = byRules.domain } = facts;
  const fixedFields =
    formatMember('schema', SCHEMA) +
    formatMember('kind', kind) +
    formatMember('name', name) +
    formatWords('environment', deployment.environment) +
    formatWords('version', deployment.version) +
    (provider ? formatWords('provider', provider) : '') +
    (gptName ? formatWords('gpt_name', gptName) : '') +
    (domain ? formatWords('domain', domain) : '');
  const countsProvider =
    facts.countsProvider !== false && provider !== undefined && isDimensionValue(fitWords(provider));
  const formatAfterTimestamp = ({ isCallersFault, hasLosses }: UnusualLine): string => {
    const metrics = [
      ...(facts.hasMetrics === false ? [] : [buildCallDirective(deployment, isCallersFault)]),
      ...(countsProvider && !isCallersFault ? [PROVIDER_DIRECTIVE] : []),
      ...(hasLosses ? [LOSS_DIRECTIVE] : []),
    ];
    return `,"CloudWatchMetrics":${JSON.stringify(metrics)}}${fixedFields}`;
  };
  return {
    kind,
    name,
    deployment,
    slowMs: slowMs ?? Number.POSITIVE_INFINITY,
    criticalMs: criticalMs ?? Number.POSITIVE_INFINITY,
    warnsWhenSlow: facts.warnsWhenSlow ?? false,
    provider,
    facts,
    relabelled: undefined,
    beforeTimestamp: '{"_aws":{"Timestamp":',
    afterTimestamp: formatAfterTimestamp({ isCallersFault: false, hasLosses: false }),
    formatAfterTimestamp,
    dimensions:
      formatWords(CALL_DIMENSIONS.service, deployment.service) +
      formatMember(CALL_DIMENSIONS.tool, isDimensionValue(toolDimension) ? toolDimension : UNREGISTERED),
  };
}

/** What names whom a call was for and with whom, beside the names of the caller. */
export interface OperationLabels {
  gptName?: string | undefined;
  provider?: string | undefined;
  domain?: string | undefined;
}

/** Labels may be data. More of them than this are no longer remembered, and their providers are no metrics. */
const MAX_RELABELLED = 64;
const MAX_LABELLED_PROVIDERS = 20;
const labelledProviders = new Set<string>();

function countsLabelledProvider(provider: string): boolean {
  if (labelledProviders.size < MAX_LABELLED_PROVIDERS) labelledProviders.add(provider);
  return labelledProviders.has(provider);
}

/** The operation with the labels of one call instead of its own. */
export function relabel(operation: Operation, labels: OperationLabels): Operation {
  const { facts } = operation;
  const gptName = labels.gptName ?? facts.gptName;
  const provider = labels.provider ?? facts.provider;
  const domain = labels.domain ?? facts.domain;
  if (gptName === facts.gptName && provider === facts.provider && domain === facts.domain) return operation;
  const key = JSON.stringify([gptName, provider, domain]);
  const known = operation.relabelled?.get(key);
  if (known) return known;
  const countsProvider =
    facts.countsProvider !== false && (provider === facts.provider || countsLabelledProvider(provider ?? ''));
  const relabelled = operationOf({ ...facts, gptName, provider, domain, countsProvider });
  operation.relabelled ??= new Map();
  if (operation.relabelled.size < MAX_RELABELLED) operation.relabelled.set(key, relabelled);
  return relabelled;
}
