import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startAwsApi } from './aws-api/aws-api.ts';
import { AwsError } from './aws-error.ts';
import type { Certificate } from './certificate.ts';
import type { Clock } from './clock.ts';
import { deploy, RolledBack } from './cloudformation/deploy.ts';
import { makeUpdatable, type ResourceHandler } from './cloudformation/resource-handler.ts';
import type { Assembly } from './cloudformation/template.ts';
import type { Transition } from './cloudwatch/alarm-message.ts';
import { type Alarms, createAlarms } from './cloudwatch/alarms.ts';
import { createMetrics } from './cloudwatch/metrics.ts';
import { createCodeDeploy } from './codedeploy.ts';
import { createEc2 } from './ec2.ts';
import { domainResources } from './http-api/domain-resources.ts';
import type { Get } from './http-api/jwt-authorizer.ts';
import { httpApiResources } from './http-api/resources.ts';
import { createIam, type Refusal } from './iam/iam.ts';
import { createKms } from './kms.ts';
import { serveFunctionUrl } from './lambda/function-url.ts';
import { type Lambda, startLambda } from './lambda/lambda.ts';
import { lambdaResources } from './lambda/resources.ts';
import { versionResources } from './lambda/version-resources.ts';
import { createLogs, type Logs } from './logs/logs.ts';
import type { Place } from './place.ts';
import { startRds } from './rds/rds.ts';
import { createS3 } from './s3.ts';
import { createScheduler } from './scheduler.ts';
import type { Serve } from './serve.ts';
import type { Delivery } from './sns/delivery.ts';
import { createSns, type Sns } from './sns/sns.ts';
import { createSqs } from './sqs.ts';

/** What a person would want to hear of at once. */
export interface Listener {
  onTransition(transition: Transition): void;
  onDelivery(delivery: Delivery): void;
  onRefusal(refusal: Refusal): void;
  /** Something is gone that in AWS would be gone too, or the local run cannot do. */
  onLoss(what: string): void;
  /** How far calls have shifted from a version to the next. */
  onShift?(words: string): void;
}

export interface CloudOptions extends Listener {
  place: Place;
  clock: Clock;
  assembly: Assembly;
  /** Where buckets are kept, and what functions need of this machine. */
  folder: string;
  certificate: Certificate;
  /** How many invocations may run at once; by default what a machine bears. */
  concurrency?: number | undefined;
  /** The superuser's URL of the real PostgreSQL. */
  serverUrl: string;
  post: (url: string, headers: Record<string, string>, body: string) => Promise<number>;
  /** Reads what an issuer of tokens publishes. */
  get: Get;
  /** 0 to 1 for each call of an alias that shifts; by default by chance. */
  chance?: () => number;
}

/** Belongs to the template and has no meaning here: pages for people. */
const MEANINGLESS: ResourceHandler = makeUpdatable(({ logicalId }) => ({ ref: logicalId }));

/** The services the template uses, wired to each other as AWS wires them, with its resources in them. */
export const startCloud = async (options: CloudOptions) => {
  const { place, clock, assembly, folder, certificate, serverUrl, post, get } = options;
  const { onTransition, onDelivery, onRefusal, onLoss, onShift = () => {} } = options;
  mkdirSync(folder, { recursive: true });
  const authority = join(folder, 'authority.pem');
  writeFileSync(authority, certificate.cert);

  const iam = createIam(place, onRefusal);
  const metrics = createMetrics(clock);
  const kms = createKms({ place, iam });
  const ec2 = createEc2();
  const s3 = createS3({ place, iam, folder: join(folder, 's3') });
  const sqs = createSqs({ place, clock, iam, metrics });
  const api = await startAwsApi({
    iam,
    lambda: (): Lambda => lambda,
    sns: (): Sns => sns,
    logs: (): Logs => logs,
    s3,
    alarms: (): Alarms => alarms,
    metrics,
    onUnknown: onLoss,
  });
  const endpoint = () => api.url;
  const logs: Logs = createLogs({
    place,
    clock,
    metrics,
    iam,
    invoke: async (functionArn, sourceArn, event) => {
      const context = { 'aws:sourcearn': sourceArn, 'aws:sourceaccount': place.account };
      const principal = { service: 'logs.amazonaws.com' };
      lambda.enqueue({ principal, function: functionArn, event: JSON.stringify(event), context });
    },
  });
  const lambda: Lambda = startLambda({
    place,
    clock,
    iam,
    logs,
    metrics,
    s3,
    endpoint,
    standIns: { 'rds-ca.pem': authority },
    concurrency: options.concurrency,
    onLoss,
    ...(options.chance && { chance: options.chance }),
  });
  const rds = await startRds({ place, clock, iam, ec2, metrics, lambda: () => lambda, certificate, serverUrl });
  const sns: Sns = createSns({ place, clock, iam, kms, metrics, sqs, post, endpoint, onDelivery });
  const alarms: Alarms = createAlarms({
    place,
    clock,
    metrics,
    onTransition,
    notify: (action, alarmArn, { subject, message }) => {
      const context = { 'aws:sourcearn': alarmArn, 'aws:sourceaccount': place.account };
      const notice = { subject, message: JSON.stringify(message) };
      try {
        void sns.publish({ service: 'cloudwatch.amazonaws.com' }, action, notice, context);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        onLoss(`an alarm told nobody: ${error.message}`);
      }
    },
  });
  const scheduler = createScheduler({ clock, iam, lambda, sqs });
  const codeDeploy = createCodeDeploy({ place, clock, iam, alarms: () => alarms, onShift });
  // A deployment that is rolled back finds the code of the one before.
  const assemblies = [assembly];
  const folderOf = (key: string): string => {
    const folder = assemblies.map(({ asset }) => asset(key)).find((one) => one !== undefined);
    if (folder === undefined) throw new Error(`no assembly has an asset ${key}`);
    return folder;
  };
  const { rules, urls } = lambdaResources({ place, iam, lambda, folderOf });

  const apiParts = { place, clock, lambda, logs, metrics };
  const httpApis = httpApiResources({ ...apiParts, get });
  const domains = domainResources(apiParts, httpApis);

  const everyRule = {
    ...iam.rules,
    ...kms.handlers,
    ...ec2.handlers,
    ...s3.handlers,
    ...sqs.handlers,
    ...logs.handlers,
    ...rds.rules,
    ...rules,
    ...versionResources(lambda, codeDeploy),
    ...httpApis.rules,
    ...domains.rules,
    ...sns.handlers,
    ...alarms.handlers,
    ...scheduler.handlers,
    ...codeDeploy.rules,
    'AWS::CloudWatch::Dashboard': MEANINGLESS,
  };
  let deployed = await deploy(assembly.stacks, everyRule, place).catch(async (error: unknown) => {
    await Promise.all([lambda.stop(), rds.stop(), api.stop()]);
    throw error;
  });

  const stops: (() => void)[] = [];
  return {
    alarms,
    /** Where the AWS CLI and SDKs are answered, with the operator's keys. */
    endpoint: api.url,
    iam,
    lambda,
    logs,
    metrics,
    rds,
    s3,
    scheduler,
    sns,
    sqs,
    /** Whoever answers at a URL of the template; nothing when nobody does. */
    serve: (url: string): Serve | undefined => {
      const target = urls.get(url);
      if (target) return serveFunctionUrl(place, lambda, url, target);
      const { hostname } = new URL(url);
      return httpApis.serveUnder(hostname) ?? domains.serveUnder(hostname);
    },
    /** The stacks' outputs by name; names are unique here. */
    outputs: Object.assign({}, ...Object.values(deployed.outputs)) as Record<string, string>,

    /**
     * Deploys again, over what runs: what differs is changed, and calls shift as the template says. Throws when a part of it cannot
     * be changed here, and `RolledBack` when it failed and all is as before. The assembly's folder must stay.
     */
    redeploy: async (next: Assembly): Promise<void> => {
      assemblies.unshift(next);
      try {
        deployed = await deploy(next.stacks, everyRule, place, deployed);
      } catch (error) {
        if (error instanceof RolledBack) deployed = error.now;
        throw error;
      }
    },

    /** Lets time pass: schedules, alarms, and what services publish about themselves. */
    start: (): void => {
      stops.push(sqs.start(), rds.start(), alarms.start(), scheduler.stop);
      scheduler.start();
    },

    /** Ends everything it started. */
    stop: async (): Promise<void> => {
      for (const stop of stops) stop();
      await Promise.all([lambda.stop(), rds.stop(), api.stop()]);
    },
  };
};

export type Cloud = Awaited<ReturnType<typeof startCloud>>;
