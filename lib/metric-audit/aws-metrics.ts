/**
 * The metrics of AWS that alarms and the dashboard read, with the dimensions under which AWS writes them: a metric with
 * one dimension more or less is another one, and nobody writes it. From the pages "metrics and dimensions" of each
 * service's documentation.
 */

/** A value of a dimension: the name of a resource, or a word that AWS prescribes. */
interface Dimension {
  /** What AWS accepts as the name. */
  readonly pattern: RegExp;
  /** Its resource type and the attribute that holds the name, where the value refers to a resource of the app. */
  readonly resource?: { readonly type: string; readonly attribute: string };
}

/** Why a metric may be absent although nothing is broken. */
type Written =
  /** It has a value for each minute of its resource's life. */
  | 'always'
  /** It has a value, if only 0, whenever the resource is used. */
  | 'on use'
  /** It has a value only when something is wrong. */
  | 'on trouble';

interface MetricSet {
  /** The names of its dimensions. */
  readonly dimensions: readonly string[];
  readonly metrics: Readonly<Record<string, Written>>;
}

export const AWS_DIMENSIONS: Readonly<Record<string, Dimension>> = {
  // Without a version or an alias: with one, AWS adds the dimension Resource.
  FunctionName: {
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    resource: { type: 'AWS::Lambda::Function', attribute: 'Ref' },
  },
  QueueName: {
    pattern: /^[A-Za-z0-9_-]{1,80}(\.fifo)?$/,
    resource: { type: 'AWS::SQS::Queue', attribute: 'QueueName' },
  },
  TopicName: {
    pattern: /^[A-Za-z0-9_-]{1,256}(\.fifo)?$/,
    resource: { type: 'AWS::SNS::Topic', attribute: 'TopicName' },
  },
  // RDS stores identifiers in lower case.
  DBInstanceIdentifier: {
    pattern: /^[a-z][a-z0-9-]{0,62}$/,
    resource: { type: 'AWS::RDS::DBInstance', attribute: 'Ref' },
  },
  DBClusterIdentifier: {
    pattern: /^[a-z][a-z0-9-]{0,62}$/,
    resource: { type: 'AWS::RDS::DBCluster', attribute: 'Ref' },
  },
  LogGroupName: {
    pattern: /^[A-Za-z0-9_./#-]{1,512}$/,
    resource: { type: 'AWS::Logs::LogGroup', attribute: 'Ref' },
  },
  DestinationType: { pattern: /^Lambda$/ },
  FilterName: { pattern: /^[^:*]{1,512}$/ },
  ApiId: { pattern: /^[a-z0-9]+$/, resource: { type: 'AWS::ApiGatewayV2::Api', attribute: 'Ref' } },
};

const RDS = {
  CPUUtilization: 'always',
  DatabaseConnections: 'always',
} as const;

const AWS_METRICS = {
  'AWS/Lambda': [
    {
      dimensions: ['FunctionName'],
      metrics: {
        Invocations: 'on use',
        Errors: 'on use',
        Throttles: 'on use',
        AsyncEventAge: 'on use',
        AsyncEventsDropped: 'on trouble',
        DestinationDeliveryFailures: 'on trouble',
      },
    },
  ],
  'AWS/SQS': [
    {
      dimensions: ['QueueName'],
      // SQS writes nothing about a queue that was not used for six hours.
      metrics: { ApproximateNumberOfMessagesVisible: 'on use', ApproximateAgeOfOldestMessage: 'on use' },
    },
  ],
  'AWS/SNS': [
    {
      dimensions: ['TopicName'],
      metrics: { NumberOfNotificationsFailed: 'on trouble', NumberOfNotificationsFailedToRedriveToDlq: 'on trouble' },
    },
  ],
  'AWS/Logs': [
    {
      dimensions: ['LogGroupName'],
      metrics: { IncomingLogEvents: 'on use', EMFParsingErrors: 'on trouble', EMFValidationErrors: 'on trouble' },
    },
    { dimensions: ['LogGroupName', 'DestinationType', 'FilterName'], metrics: { DeliveryErrors: 'on trouble' } },
  ],
  'AWS/RDS': [
    {
      dimensions: ['DBInstanceIdentifier'],
      // Only of a burstable class.
      metrics: { ...RDS, FreeStorageSpace: 'always', CPUSurplusCreditBalance: 'on use' },
    },
    { dimensions: ['DBClusterIdentifier'], metrics: { ...RDS, ACUUtilization: 'always' } },
  ],
  'AWS/ApiGateway': [{ dimensions: ['ApiId'], metrics: { Count: 'on use', '4xx': 'on use', '5xx': 'on use' } }],
} as const satisfies Readonly<Record<`AWS/${string}`, readonly MetricSet[]>>;

export type AwsNamespace = keyof typeof AWS_METRICS;
type SetOf<Namespace extends AwsNamespace> = (typeof AWS_METRICS)[Namespace][number];
type NameIn<Set> = Set extends { readonly metrics: infer Metrics } ? keyof Metrics & string : never;
/** The names of the metrics of a namespace. */
export type AwsMetricName<Namespace extends AwsNamespace> = NameIn<SetOf<Namespace>>;

/** The sets of metrics of a namespace of AWS; none for one that is not in the table. */
export const awsMetricSets = (namespace: string): readonly MetricSet[] =>
  Object.hasOwn(AWS_METRICS, namespace) ? AWS_METRICS[namespace as AwsNamespace] : [];
