import { CfnResource, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import { EMITTED_METRICS, type EmittedMetric } from '../../lambdas/contract/emitted-metrics.ts';
import { CALL_DIMENSIONS, CHANNEL_DIMENSIONS, NAMESPACE, PROVIDER_DIMENSIONS } from '../../lambdas/contract/metrics.ts';
import { comparePlaces } from '../existing/place.ts';
import { AWS_DIMENSIONS, awsMetricSets } from './aws-metrics.ts';
import { AT_DEPLOYMENT } from './dashboard-body.ts';
import { findMissingAlarms } from './missing-alarms.ts';
import { findReaders, type MetricRead } from './read-metrics.ts';
import { JoinedText, ResourceName, resolveProperty } from './resolved.ts';

/** Who writes our metrics in a deployment. */
export interface Emitters {
  /** The service on every line. */
  readonly service: string;
  /** The values that the dimension `tool` has on lines: of tools their names, of probes `probe/<name>`. */
  readonly tools: readonly string[];
  readonly providers: readonly string[];
  /** The names of channels for notices. Default: none. */
  readonly channels?: readonly string[];
  /** The settings with which alone some metrics are written. */
  readonly with: Readonly<Record<NonNullable<EmittedMetric['onlyWith']>, boolean>>;
  /** What the app itself declares to write, outside of our namespace. */
  readonly appMetrics?: readonly AppMetric[];
}

/** A metric that an app writes itself, or one of AWS's that only the app knows of. */
export interface AppMetric {
  readonly namespace: string;
  readonly metricName: string;
  /** The names of its dimensions: with one more or less it is another metric, which nobody writes. Default: none. */
  readonly dimensions?: readonly string[];
}

/**
 * What alarms, anomaly detectors and dashboards below a construct read although nobody writes it, and which alarms
 * composite alarms name although there are none; in sentences. Empty when everything that is read is written, with
 * exactly those dimensions.
 */
export function findMetricProblems(scope: IConstruct, emitters: Emitters): string[] {
  const writers = writersBelow(scope);
  const ofMetrics = findReaders(scope).flatMap(({ title, construct, reads, problems }) =>
    [...problems, ...reads.flatMap((read) => problemsOf(read, construct, emitters, writers))].map(
      (problem) => `${title} ${problem}.`,
    ),
  );
  return [...new Set([...ofMetrics, ...findMissingAlarms(scope)])];
}

/** What writes our metrics below a construct, beside the wrapper. */
interface WritersBelow {
  /** The names of functions. */
  functions: ReadonlySet<unknown>;
  /** The names of the metrics that filters on logs write. */
  filtered: ReadonlySet<unknown>;
  /** Those that filters on logs write anywhere in the app. */
  ofApp: readonly AppMetric[];
}

const filteredMetrics = (scope: IConstruct): AppMetric[] =>
  scope.node.root.node
    .findAll()
    .filter((construct) => construct instanceof logs.CfnMetricFilter)
    .flatMap((filter) => Stack.of(filter).resolve(filter.metricTransformations))
    .map(({ metricNamespace, metricName, dimensions = [] }) => ({
      namespace: metricNamespace,
      metricName,
      dimensions: dimensions.map(({ key }: { key: string }) => key),
    }));

const writersBelow = (scope: IConstruct): WritersBelow => {
  const constructs = scope.node.findAll();
  const functions = constructs.filter((construct) => construct instanceof lambda.CfnFunction);
  const filters = constructs.filter((construct) => construct instanceof logs.CfnMetricFilter);
  const transformations = filters.flatMap((filter) => Stack.of(filter).resolve(filter.metricTransformations));
  return {
    functions: new Set(functions.map((fn) => resolveProperty(fn, fn.functionName))),
    filtered: new Set(transformations.map(({ metricName }) => metricName)),
    ofApp: filteredMetrics(scope),
  };
};

function problemsOf(read: MetricRead, reader: IConstruct, emitters: Emitters, writers: WritersBelow): string[] {
  const { namespace, name } = read;
  if (typeof namespace !== 'string' || typeof name !== 'string') {
    return ['reads a metric whose namespace or name is only known at deployment; write both out'];
  }
  if (namespace === NAMESPACE) return ownProblems(name, read, emitters, writers);
  const declared = [...(emitters.appMetrics ?? []), ...writers.ofApp].filter(
    (metric) => metric.namespace === namespace && metric.metricName === name,
  );
  return declared.length > 0 ? declaredProblems(declared, read) : awsProblems(namespace, name, read, reader);
}

function declaredProblems(declared: readonly AppMetric[], { namespace, name, dimensions }: MetricRead): string[] {
  if (!dimensions || declared.some((metric) => sameNames(metric.dimensions ?? [], dimensions))) return [];
  const written = declared.map((metric) => listNames(metric.dimensions ?? [])).join(' or by ');
  return [`reads ${namespace} ${name} by ${listNames(dimensions)}, but the app declares it by ${written}`];
}

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  [...some].sort().join() === [...others].sort().join();

const listNames = (names: readonly string[]): string => (names.length > 0 ? names.join(' and ') : 'no dimension');

function ownProblems(
  name: string,
  { dimensions, values }: MetricRead,
  emitters: Emitters,
  writers: WritersBelow,
): string[] {
  const metric = EMITTED_METRICS.find((candidate) => candidate.name === name);
  if (!metric) return [`reads the metric ${NAMESPACE} ${name}, which nobody writes`];
  if (dimensions && !sameNames(dimensions, metric.dimensions)) {
    const written = listNames(metric.dimensions);
    return [`reads ${name} by ${listNames(dimensions)}, but it is written by ${written}`];
  }
  return [...writerProblems(metric, emitters, writers), ...valueProblems(name, values, emitters)];
}

/** How the settings are written with which alone some metrics are. */
const SETTINGS = { callerFaultShift: 'alarms.callerFaultShift', jobs: 'jobs' } as const;

function writerProblems(metric: EmittedMetric, emitters: Emitters, { functions, filtered }: WritersBelow): string[] {
  if (metric.onlyWith && !emitters.with[metric.onlyWith]) {
    return [`reads ${metric.name}, which is a metric only with the setting ${SETTINGS[metric.onlyWith]}`];
  }
  if (metric.writtenBy === 'wrapper') return [];
  if (metric.writtenBy === 'metric-filter') {
    return filtered.has(metric.name) ? [] : [`reads ${metric.name}, which a filter on a log writes that is not here`];
  }
  const writer = `${emitters.service}-${metric.writtenBy}`;
  return functions.has(writer) ? [] : [`reads ${metric.name}, which ${writer} writes, and that is not deployed here`];
}

function valueProblems(name: string, values: MetricRead['values'], emitters: Emitters): string[] {
  const known: Record<string, readonly string[]> = {
    [CALL_DIMENSIONS.service]: [emitters.service],
    [CALL_DIMENSIONS.tool]: emitters.tools,
    [PROVIDER_DIMENSIONS.provider]: emitters.providers,
    [CHANNEL_DIMENSIONS.channel]: emitters.channels ?? [],
  };
  return Object.entries(values)
    .filter(([dimension, value]) => !known[dimension]?.some((text) => text === value))
    .map(([dimension, value]) => `reads ${name} of the ${dimension} ${String(value)}, of which there are no lines`);
}

function awsProblems(namespace: string, name: string, read: MetricRead, reader: IConstruct): string[] {
  const sets = awsMetricSets(namespace).filter(({ metrics }) => Object.hasOwn(metrics, name));
  if (sets.length === 0) {
    return [
      `reads the metric ${namespace} ${name}, which nobody is known to write; declare it in appMetrics, in this ` +
        'repository in lib/metric-audit/aws-metrics.ts, or correct it',
    ];
  }
  const { dimensions, values } = read;
  if (dimensions && !sets.some((set) => sameNames(set.dimensions, dimensions))) {
    const written = sets.map((set) => listNames(set.dimensions)).join(' or by ');
    return [`reads ${namespace} ${name} by ${listNames(dimensions)}, but AWS writes it by ${written}`];
  }
  return Object.entries(values).flatMap(([dimension, value]) => dimensionProblems(dimension, value, name, reader));
}

/** What is known of a value is proven; one that is only known at deployment is not doubted, but for text around it. */
function dimensionProblems(dimension: string, value: unknown, name: string, reader: IConstruct): string[] {
  const { pattern, resource } = AWS_DIMENSIONS[dimension] ?? { pattern: /^/ };
  if (typeof value === 'string') {
    const isKnown = !value.includes(AT_DEPLOYMENT);
    return isKnown && !pattern.test(value)
      ? [`reads ${name} of the ${dimension} ${value}, which is not such a name`]
      : [];
  }
  if (value instanceof JoinedText) {
    const odd = value.parts.find((part) => typeof part === 'string' && /[^A-Za-z0-9_./#-]/.test(part));
    return odd === undefined ? [] : [`reads ${name} of a ${dimension} with "${odd}" in it, which is not such a name`];
  }
  if (!(value instanceof ResourceName) || !CfnResource.isCfnResource(value.resource)) return [];
  const { cfnResourceType: type, node } = value.resource;
  if (resource && (type !== resource.type || value.attribute !== resource.attribute)) {
    return [`reads ${name} of the ${dimension} of ${node.path}, which is a ${type} and not a ${resource.type}`];
  }
  return comparePlaces(Stack.of(value.resource), Stack.of(reader)) === 'different'
    ? [`reads ${name} of ${node.path}, which is in another region or account, where its metrics stay`]
    : [];
}
