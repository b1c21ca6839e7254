import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAwsApi } from './aws-api/aws-api.ts';
import { AwsError } from './aws-error.ts';
import type { Certificate } from './certificate.ts';
import type { Clock } from './clock.ts';
import { type Alarms, createAlarms } from './cloudwatch/alarms.ts';
import { createMetrics } from './cloudwatch/metrics.ts';
import { createCodeDeploy } from './codedeploy/codedeploy.ts';
import { createCognito } from './cognito/cognito.ts';
import { createDynamoDb } from './dynamodb/dynamodb.ts';
import { createEc2 } from './ec2.ts';
import { createEvents } from './events/events.ts';
import { createIam } from './iam/iam.ts';
import type { AccountPolicies } from './iam/managed-policies.ts';
import { openJournals } from './journal.ts';
import { createKms } from './kms.ts';
import { createEventSourceMappings } from './lambda/event-source-mapping.ts';
import { type Lambda, startLambda } from './lambda/lambda.ts';
import type { Listener } from './listener.ts';
import { createLogs, type Logs } from './logs/logs.ts';
import { createParameterStore } from './parameter-store.ts';
import type { Place } from './place.ts';
import { startRds } from './rds/rds.ts';
import { createRequestCheck, type RequestCheck } from './request-check.ts';
import { createS3 } from './s3.ts';
import { createScheduler } from './scheduler.ts';
import { createSecretsManager } from './secrets-manager.ts';
import { createSns, type Sns } from './sns/sns.ts';
import { createSqs } from './sqs/sqs.ts';

/** The file in a function's folder with the certificate authorities of RDS; here it names the emulator's own. */
const RDS_AUTHORITIES_FILE = 'rds-ca.pem';

const DEFAULT_SIGN_IN_URL = 'http://localhost/local/cognito';

export interface ServicesOptions extends Listener {
  place: Place;
  clock: Clock;
  /**
   * Where the contents of buckets and queues are, and the files that functions need of this machine. It must exist, and
   * no other process may use it.
   */
  folder: string;
  certificate: Certificate;
  /** How many invocations may run at the same time; by default as many as a machine bears. */
  concurrency?: number | undefined;
  /**
   * The superuser's URL of the real PostgreSQL server, over a Unix domain socket (its folder, percent-encoded, is the
   * host) on which the server trusts every user: the emulator itself decides who signs in.
   */
  serverUrl: string;
  /** Posts to a webhook and returns the status. */
  post: (url: string, headers: Record<string, string>, body: string) => Promise<number>;
  /** The account's own managed policies, by ARN, which roles may name as their permissions boundaries. */
  accountPolicies?: AccountPolicies | undefined;
  /** Which HTTP requests are answered; by default those to a local name. */
  checkRequest?: RequestCheck | undefined;
  /** Where browsers reach user pools and their pages; by default a name that only requests to the emulator itself have. */
  signInUrl?: string | undefined;
  /** 0 to 1 for each call of an alias that shifts; by default `Math.random`. */
  random?: (() => number) | undefined;
}

/** Writes the certificate where functions can read it. */
const writeAuthorities = (folder: string, { cert }: Certificate): string => {
  const file = join(folder, 'authority.pem');
  writeFileSync(file, cert);
  return file;
};

/** The condition keys of a request that an AWS service makes on behalf of one of its resources. */
const sourceContextOf = ({ account }: Place, arn: string): Record<string, string> => ({
  'aws:sourcearn': arn,
  'aws:sourceaccount': account,
});

/** Creates a function that publishes an alarm notification, and reports one that is refused. */
const createAlarmPublisher = ({ place, onLoss }: ServicesOptions, sns: () => Sns) => {
  const principal = { service: 'cloudwatch.amazonaws.com' };
  return (topic: string, alarmArn: string, { subject, message }: { subject: string; message: object }): void => {
    const notice = { subject, message: JSON.stringify(message) };
    try {
      void sns().publish(principal, topic, notice, sourceContextOf(place, alarmArn));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      onLoss(`an alarm notification was not sent: ${error.message}`);
    }
  };
};

/** Creates a function that delivers log events to a Lambda function, on behalf of the log group. */
const createLogsInvoker = ({ place }: ServicesOptions, lambda: () => Lambda) => {
  const principal = { service: 'logs.amazonaws.com' };
  return async (functionArn: string, groupArn: string, event: unknown): Promise<void> => {
    const context = sourceContextOf(place, groupArn);
    lambda().enqueue({ principal, function: functionArn, event: JSON.stringify(event), context });
  };
};

/** Starts the services and connects them as in AWS. Functions stand for those that are created after their users. */
export const startServices = async (options: ServicesOptions) => {
  const { place, clock, folder, certificate, serverUrl, post, concurrency, random } = options;
  const { onTransition, onDelivery, onRefusal, onLoss, onLog, onShift = () => {} } = options;
  const { checkRequest = createRequestCheck() } = options;
  const authorityFile = writeAuthorities(folder, certificate);

  const iam = createIam(place, onRefusal, options.accountPolicies);
  const metrics = createMetrics(clock);
  const kms = createKms({ place, iam });
  const ec2 = createEc2();
  const secrets = createSecretsManager({ place, iam });
  const parameters = createParameterStore({ place, iam });
  const s3 = createS3({ place, iam, folder: join(folder, 's3') });
  const dynamoDb = createDynamoDb({ place, iam, folder });
  const journals = openJournals({ folder: join(folder, 'queues'), onLoss });
  const openJournal = journals.open;
  const sqs = createSqs({ place, clock, iam, metrics, openJournal, onLoss });
  const api = await startAwsApi({
    place,
    clock,
    iam,
    lambda: (): Lambda => lambda,
    sns: (): Sns => sns,
    logs: (): Logs => logs,
    s3,
    sqs,
    dynamoDb,
    secrets,
    parameters,
    alarms: (): Alarms => alarms,
    metrics,
    checkRequest,
    onUnsupported: onLoss,
  });
  const endpoint = () => api.url;
  const invoke = createLogsInvoker(options, (): Lambda => lambda);
  const logs: Logs = createLogs({ place, clock, metrics, iam, invoke, openJournal, onLoss, onLog });
  const lambda: Lambda = startLambda({
    place,
    clock,
    iam,
    logs,
    metrics,
    s3,
    endpoint,
    fileOverrides: { [RDS_AUTHORITIES_FILE]: authorityFile },
    authorityFile,
    concurrency,
    random,
    openJournal,
    onLoss,
  });
  const mappings = createEventSourceMappings({ place, clock, lambda, sqs });
  const rds = await startRds({ place, clock, iam, ec2, metrics, lambda: () => lambda, certificate, serverUrl });
  const sns: Sns = createSns({ place, clock, iam, kms, metrics, sqs, post, endpoint, onDelivery, openJournal, onLoss });
  const notify = createAlarmPublisher(options, () => sns);
  const alarms: Alarms = createAlarms({ place, clock, metrics, onTransition, notify });
  const scheduler = createScheduler({ clock, iam, lambda, sqs });
  const eventBus = createEvents({ place, clock, sqs, onLoss });
  const codeDeploy = createCodeDeploy({ place, clock, iam, alarms: () => alarms, events: eventBus, onShift });
  const cognito = createCognito({ place, clock, url: options.signInUrl ?? DEFAULT_SIGN_IN_URL });
  const storage = { dynamoDb, parameters, rds, s3, secrets };
  const running = { ...storage, lambda, mappings, logs, metrics, scheduler, sns, sqs };
  return { ...running, alarms, api, codeDeploy, cognito, ec2, eventBus, iam, journals, kms };
};

export type Services = Awaited<ReturnType<typeof startServices>>;
