import * as cdk from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SCHEMA } from '../lambdas/contract/vocabulary.ts';
import { callLogName } from './call-log-name.ts';
import type { Settings } from './settings.ts';

/**
 * Finds or creates the one log group that every tool and the gateway write to. CloudWatch reads metrics from its lines,
 * and a subscription hands them to ingest. Only a log group of the class STANDARD has either, and its class can never be
 * changed.
 */
export const findOrCreateCallLog = (scope: Construct, settings: Settings): logs.ILogGroup => {
  if (settings.callLogName !== undefined) return logs.LogGroup.fromLogGroupName(scope, 'Calls', settings.callLogName);
  return new logs.LogGroup(scope, 'Calls', {
    logGroupName: callLogName(settings),
    logGroupClass: logs.LogGroupClass.STANDARD,
    retention: settings.logRetentionDays,
    // Not of a first deployment that failed: its name would be taken, and no second one could succeed.
    removalPolicy: cdk.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  }) as logs.ILogGroup;
};

/** Matches the lines that are records of calls. */
export const CALL_FILTER = logs.FilterPattern.stringValue('$.schema', '=', SCHEMA);
