import * as cdk from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { HooksEnv } from '../lambdas/contract/env/hooks.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { addHookAlarms } from './alarms/hook-alarms.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import { hookReaders, hookSecretSettings } from './hooks/hook-secrets.ts';
import { hookVariables } from './hooks/hook-variables.ts';
import { allowToEncryptQueues } from './organization/key-statements.ts';
import { allowToReadSecrets } from './tools/tool-secrets.ts';

interface HooksProps {
  readonly deployment: Deployment;
  /** Of accepted jobs. */
  readonly queue: sqs.IQueue;
  /** How often a job is tried. */
  readonly attempts: number;
}

/**
 * A request takes a tenth of a second, so this is hundreds a second. Its own, because anybody may send: what tools and
 * people need is not used up by it, and they do not keep senders out.
 */
const CONCURRENCY = 20;

/**
 * Receives the requests of outside services, and makes jobs of those that are signed. It asks nothing of the store, and
 * is outside of the database's network.
 */
export class Hooks extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, queue, attempts }: HooksProps) {
    super(scope, id);
    const settings = hookSecretSettings(deployment.settings);
    this.function = deployFunction<HooksEnv>(this, {
      functionName: functionNameOf(deployment, 'hooks'),
      description: 'Receives what outside services send, and makes jobs of it',
      folder: deployment.bundles.function('hooks'),
      timeout: cdk.Duration.seconds(10),
      // Senders wait for its start: with half the memory it takes twice as long.
      memoryMb: 512,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/hooks`, settings.logRetentionDays),
      tracing: false,
      network: deployment.network,
      logLevel: settings.logLevel,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...commonVariables(deployment),
        ...hookVariables(settings),
        JOB_QUEUE: queue.queueUrl,
        JOB_ATTEMPTS: String(attempts),
      },
      may: [
        new iam.PolicyStatement({ sid: 'Accept', actions: ['sqs:SendMessage'], resources: [queue.queueArn] }),
        ...allowToEncryptQueues(this, settings),
        ...allowToReadSecrets(this, settings, {
          name: 'hooks',
          secrets: [...new Set(hookReaders(settings).flatMap(({ secrets }) => secrets))],
        }),
      ],
    });
  }
}

interface AddHooksProps {
  readonly deployment: Deployment;
  readonly alarms: AlarmContext;
  /** Of accepted jobs; undefined where there are none. */
  readonly queue: sqs.IQueue | undefined;
}

/** Adds what receives hooks, with its alarms, where the settings name a source. The front door must let senders in. */
export function addHooks(scope: Construct, { deployment, alarms, queue }: AddHooksProps): Hooks | undefined {
  const { jobs, hooks } = deployment.settings;
  if (!jobs || !queue || hooks.length === 0) return undefined;
  const receiving = new Hooks(scope, 'Hooks', { deployment, queue, attempts: jobs.attempts });
  addHookAlarms(scope, alarms, receiving.function);
  return receiving;
}
