import * as cdk from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { SCHEMA } from '../lambdas/contract/vocabulary.ts';
import type { Settings } from './settings.ts';

/**
 * The one log group that every tool and the gateway write to: metrics are read off its lines, and ingest is fed by it.
 * It must be of the STANDARD class, the only one that does either, and a log group's class can never be changed.
 */
export const callLog = (scope: Construct, settings: Settings): logs.LogGroup =>
  new logs.LogGroup(scope, 'Calls', {
    logGroupName: callLogName(settings),
    logGroupClass: logs.LogGroupClass.STANDARD,
    retention: settings.logRetentionDays,
    removalPolicy: cdk.RemovalPolicy.RETAIN,
  });

/** The lines among all that are records of calls. */
export const CALL_FILTER = logs.FilterPattern.stringValue('$.schema', '=', SCHEMA);

export interface CallLogSettings {
  readonly service: string;
  /** Where calls are written when it is not a log group of ours. */
  readonly callLogName?: string;
}

export const callLogName = ({ service, callLogName = `/${service}/calls` }: CallLogSettings): string => callLogName;
