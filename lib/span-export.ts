import * as cdk from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { LambdaDestination } from 'aws-cdk-lib/aws-logs-destinations';
import { Construct } from 'constructs';
import type { SpansEnv } from '../lambdas/contract/env/spans.ts';
import { addAlarm } from './alarms/alarm.ts';
import type { AlarmContext } from './alarms/alarm-spec.ts';
import { spansUnsentAlarm } from './alarms/span-alarms.ts';
import { CALL_FILTER } from './call-log.ts';
import { commonVariables, type Deployment, functionNameOf } from './deployment.ts';
import { deploymentNameOf } from './deployment-name.ts';
import { createLogGroup, deployFunction } from './function.ts';
import type { Settings } from './settings.ts';
import { allowToReadSecrets, locateSecrets } from './tools/tool-secrets.ts';

interface SpanExportProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
  readonly alarms: AlarmContext;
  readonly receiver: NonNullable<Settings['openTelemetry']>;
}

/** Less than ten payloads at a time: what waits is in Lambda's queue, and the receiver is not flooded. */
const CONCURRENCY = 5;
/** As lambdas/spans/index.ts names it. */
const HEADERS = 'SPAN_HEADERS';

/**
 * Sends calls as spans to a receiver of OpenTelemetry. It reads the log of calls beside ingest and depends on nothing
 * else. A payload that the receiver does not take is tried three times; then its lines are in the log only.
 */
export class SpanExport extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { deployment, calls, alarms, receiver }: SpanExportProps) {
    super(scope, id);
    const { settings } = deployment;
    const secrets = receiver.headers ? [HEADERS] : [];
    const withSecret = { ...settings, toolSecrets: receiver.headers ? { [HEADERS]: receiver.headers } : {} };
    const reader = { name: 'spans', secrets };
    this.function = deployFunction<SpansEnv>(this, {
      functionName: functionNameOf(deployment, 'spans'),
      description: 'Sends calls as spans to a receiver of OpenTelemetry',
      folder: deployment.bundles.function('spans'),
      timeout: cdk.Duration.seconds(60),
      memoryMb: 256,
      logGroup: createLogGroup(this, `/${deploymentNameOf(settings)}/spans`, settings.logRetentionDays),
      tracing: false,
      logLevel: settings.logLevel,
      network: deployment.network,
      reservedConcurrency: CONCURRENCY,
      environment: {
        ...commonVariables(deployment),
        SPANS_ENDPOINT: receiver.endpoint,
        SPANS_HEADERS: receiver.headers ? 'secret' : 'none',
        TOOLWATCH_SECRETS: JSON.stringify(locateSecrets(withSecret, [reader])),
      },
      may: allowToReadSecrets(this, withSecret, reader),
    });
    this.function.configureAsyncInvoke({ retryAttempts: 2, maxEventAge: cdk.Duration.hours(6) });
    new logs.SubscriptionFilter(this, 'Filter', {
      logGroup: calls,
      filterName: 'spans',
      filterPattern: CALL_FILTER,
      destination: new LambdaDestination(this.function),
    });
    addAlarm(this, alarms, spansUnsentAlarm(settings, this.function));
  }
}
