import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { ApiEnv } from '../lambdas/contract/env/api.ts';
import type { ExpectedCheck, ExpectedComponents } from '../lambdas/contract/health/components.ts';
import { callLogName } from './call-log-name.ts';
import { consoleUrl } from './console.ts';
import type { DatabaseAccess } from './database/database.ts';
import { commonVariables, type Deployment, functionNameOf, userHashKeyVariable } from './deployment.ts';
import type { AcceptedTokens } from './front-door/accepted-tokens.ts';
import { frontDoorVariables, pageVariables, requestVariables } from './front-door/front-door-variables.ts';
import { deployFunction, type Network } from './function.ts';

interface ApiProps {
  readonly deployment: Deployment;
  readonly network: Network;
  readonly database: DatabaseAccess;
  /** Where it writes the lines of its requests, and what went wrong. */
  readonly calls: logs.ILogGroup;
  /** Whether the checks of the settings are deployed, whose results /health then expects. */
  readonly runsChecks: boolean;
  /** The tokens that the front door accepts; undefined where IAM admits readers. */
  readonly tokens: AcceptedTokens | undefined;
}

const isDefined = <T>(value: T | undefined): value is T => value !== undefined;

/** What /health is to report beside the store, whether or not it has any calls or results yet. */
const expectedComponents = ({ settings, tools }: Deployment, runsChecks: boolean): ExpectedComponents => {
  const probes = settings.probes.map(
    ({ name, critical, silentAfterMinutes }): ExpectedCheck => ({
      name,
      type: 'probe',
      critical,
      minutes: silentAfterMinutes,
    }),
  );
  const checks = settings.checks.map(
    ({ name, kind, critical }): ExpectedCheck => ({
      name,
      type: kind,
      critical,
      minutes: RUNS_A_RESULT_HOLDS * settings.checkMinutes,
    }),
  );
  return {
    providers: [...new Set(tools.map(({ facts }) => facts.provider).filter(isDefined))],
    checks: [...probes, ...(runsChecks ? checks.filter(({ name }) => !probes.some((p) => p.name === name)) : [])],
  };
};

/** A check's result holds for so many of its runs: one may fail, and a line takes a while to be stored. */
const RUNS_A_RESULT_HOLDS = 3;
/** How many instances may run, each with one database connection, and a second while it changes something. */
const CONCURRENCY = 10;
const [READER, EDITOR] = ['toolwatch_reader', 'toolwatch_editor'] as const;

/**
 * Serves health, reports, metrics for Prometheus and the page from the database, and changes what people may change
 * there.
 */
export class Api extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, network, database, calls, runsChecks, tokens }: ApiProps) {
    super(scope, id);
    const { settings } = deployment;
    this.function = deployFunction<ApiEnv>(this, {
      functionName: functionNameOf(deployment, 'api'),
      description: 'Serves the page, reports, Prometheus and the telemetry tools',
      folder: deployment.bundles.function('api'),
      timeout: cdk.Duration.seconds(30),
      memoryMb: 256,
      logGroup: calls,
      tracing: false,
      logLevel: deployment.settings.logLevel,
      network,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...commonVariables(deployment),
        ...userHashKeyVariable(settings),
        ...frontDoorVariables(settings, tokens),
        ...pageVariables(cdk.Stack.of(this), tokens),
        ...requestVariables(settings),
        ...database.variables(READER),
        DATABASE_EDITOR: EDITOR,
        CHANNEL_NAMES: settings.alerts.channels.map(({ name }) => name).join(' '),
        ...(settings.jobs ? { JOB_ATTEMPTS: String(settings.jobs.attempts) } : {}),
        CALL_LOG_PAGE: cdk.Stack.of(this).toJsonString({
          cloudWatch: consoleUrl(this, 'cloudwatch', ''),
          callLog: callLogName(settings),
        }),
        HEALTH_EXPECTED: JSON.stringify(expectedComponents(deployment, runsChecks)),
      },
      may: [database.signInAs(READER, EDITOR)],
    });
  }
}
