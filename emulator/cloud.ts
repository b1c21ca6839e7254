import { mkdirSync } from 'node:fs';
import { deploy, RolledBack } from './cloudformation/deploy.ts';
import { makeUpdatable, type ResourceHandler } from './cloudformation/resource-handler.ts';
import { reportToBus } from './cloudformation/stack-status.ts';
import type { Assembly } from './cloudformation/template.ts';
import { createDomainResources } from './http-api/domain-resources.ts';
import type { Get } from './http-api/jwt-authorizer.ts';
import { createHttpApiResources } from './http-api/resources.ts';
import { serveFunctionUrl } from './lambda/function-url.ts';
import { createLambdaResources } from './lambda/resources.ts';
import { createVersionHandlers } from './lambda/version-resources.ts';
import type { Serve } from './serve.ts';
import { type Services, type ServicesOptions, startServices } from './services.ts';

export type { Listener } from './listener.ts';

export interface CloudOptions extends ServicesOptions {
  assembly: Assembly;
  /** Reads what a token issuer publishes. */
  get: Get;
}

/** For resource types that have no effect here, such as dashboards. */
const IGNORED: ResourceHandler = makeUpdatable(({ logicalId }) => ({ ref: logicalId }));

/** The assemblies deployed so far, newest first: a deployment that is rolled back needs the code of the one before. */
class Assemblies {
  private readonly assemblies: Assembly[] = [];

  add(assembly: Assembly): void {
    this.assemblies.unshift(assembly);
  }

  /** The folder of an asset, by its key. */
  folderOf(key: string): string {
    for (const assembly of this.assemblies) {
      const folder = assembly.asset(key);
      if (folder !== undefined) return folder;
    }
    throw new Error(`no assembly has an asset ${key}`);
  }
}

/** The handlers of every supported resource type, and the lookup of what answers at a URL of the template. */
const createResources = (services: Services, { place, clock, get }: CloudOptions, assemblies: Assemblies) => {
  const { iam, kms, ec2, s3, secrets, sqs, logs, rds, sns, alarms, metrics, lambda, scheduler, codeDeploy } = services;
  const { cognito, dynamoDb, eventBus, mappings } = services;
  const functions = createLambdaResources({ place, iam, lambda, folderOf: (key) => assemblies.folderOf(key) });
  const httpApiOptions = { place, clock, lambda, logs, metrics };
  const httpApis = createHttpApiResources({
    ...httpApiOptions,
    get: async (url) => cognito.get(url) ?? get(url),
  });
  const domains = createDomainResources(httpApiOptions, httpApis);
  const handlers: Record<string, ResourceHandler> = {
    ...iam.handlers,
    ...kms.handlers,
    ...ec2.handlers,
    ...s3.handlers,
    ...secrets.handlers,
    ...sqs.handlers,
    ...dynamoDb.handlers,
    ...mappings.handlers,
    ...logs.handlers,
    ...rds.handlers,
    ...functions.handlers,
    ...createVersionHandlers(lambda, codeDeploy),
    ...httpApis.handlers,
    ...domains.handlers,
    ...sns.handlers,
    ...alarms.handlers,
    ...scheduler.handlers,
    ...eventBus.handlers,
    ...codeDeploy.handlers,
    ...cognito.handlers,
    'AWS::CloudWatch::Dashboard': IGNORED,
    'AWS::Logs::QueryDefinition': IGNORED,
    'AWS::Glue::Database': IGNORED,
    'AWS::Glue::Table': IGNORED,
  };
  const serve = (url: string): Serve | undefined => {
    const functionUrl = functions.urls.get(url);
    if (functionUrl) return serveFunctionUrl(place, lambda, url, functionUrl);
    const { hostname } = new URL(url);
    return httpApis.serveUnder(hostname) ?? domains.serveUnder(hostname);
  };
  return { handlers, serve };
};

/** The services that the template uses, connected as in AWS, with the template deployed. */
export const startCloud = async (options: CloudOptions) => {
  const { place, assembly, folder } = options;
  mkdirSync(folder, { recursive: true });
  const services = await startServices(options);
  // Whoever starts a cloud sees all services but these, of which `api` is seen by its URL.
  const { api, codeDeploy, dynamoDb, ec2, journals, kms, mappings, ...shown } = services;
  const { alarms, lambda, logs, rds, scheduler, sns, sqs } = shown;
  const assemblies = new Assemblies();
  assemblies.add(assembly);
  const { handlers, serve } = createResources(services, options, assemblies);
  const stopServices = () => {
    journals.close();
    mappings.stop();
    return Promise.all([lambda.stop(), rds.stop(), api.stop(), dynamoDb.stop()]);
  };

  const report = reportToBus(place, services.eventBus);
  let deployment = await deploy(assembly.stacks, handlers, place, undefined, report).catch(async (error: unknown) => {
    await stopServices();
    throw error;
  });

  const stops: (() => void)[] = [];
  return {
    ...shown,
    /** The URL for the AWS CLI and SDKs, with the administrator's keys. */
    endpoint: api.url,
    /** What answers at a URL of the template; undefined for any other URL. */
    serve,
    /** The stacks' outputs by name; names are unique here. */
    outputs: Object.assign({}, ...Object.values(deployment.outputs)) as Record<string, string>,

    /**
     * Deploys an assembly over the running one: changes what differs, and shifts traffic as the template says. Throws
     * when a change is not possible here, and `RolledBack` when the deployment failed and everything is as before. The
     * assembly's folder must continue to exist.
     */
    redeploy: async (next: Assembly): Promise<void> => {
      assemblies.add(next);
      try {
        deployment = await deploy(next.stacks, handlers, place, deployment, report);
      } catch (error) {
        if (error instanceof RolledBack) deployment = error.deployment;
        throw error;
      }
    },

    /**
     * Goes on with what queues held when the process before was stopped, and starts what depends on time: schedules,
     * alarms, and the services' own metrics.
     */
    start: (): void => {
      for (const service of [sqs, sns, lambda, logs]) service.resume();
      stops.push(sqs.start(), rds.start(), alarms.start(), scheduler.stop);
      scheduler.start();
    },

    /** Stops everything that was started. */
    stop: async (): Promise<void> => {
      for (const stop of stops) stop();
      await stopServices();
    },
  };
};

export type Cloud = Awaited<ReturnType<typeof startCloud>>;
