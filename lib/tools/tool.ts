import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { ToolFacts } from '../../lambdas/contract/tool-facts.ts';
import { addCallerFaultAlarm } from '../alarms/caller-fault-alarm.ts';
import type { ProviderAlarms } from '../alarms/provider-alarms.ts';
import { ToolAlarms } from '../alarms/tool-alarms.ts';
import type { Deployment } from '../deployment.ts';
import type { SeverityTopics } from '../topics.ts';
import type { Rollout } from './rollout.ts';
import { ToolFunction } from './tool-function.ts';

export interface ToolProps {
  readonly deployment: Deployment;
  readonly calls: logs.ILogGroup;
  readonly topics: SeverityTopics;
  readonly api: lambda.IFunction;
  /** The notifier's queue of custom notices. */
  readonly customNotices: sqs.IQueue;
  /** Absent where a new version takes all calls immediately. */
  readonly rollout?: Rollout | undefined;
  readonly providers: ProviderAlarms;
}

/** What is deployed for one tool of the list: its function and its alarms. */
export class Tool extends Construct {
  constructor(
    scope: Construct,
    id: string,
    facts: ToolFacts,
    { deployment, calls, topics, api, customNotices, rollout, providers }: ToolProps,
  ) {
    super(scope, id);
    const context = { settings: deployment.settings, topics };
    const { live } = new ToolFunction(this, 'Function', { deployment, facts, calls, api, customNotices });
    const { failing, slow } = new ToolAlarms(this, 'Alarms', { ...context, facts });
    // The new version may be why calls to its provider fail, before they are many enough for its own alarm.
    const provider = providers.get(facts.provider ?? '');
    rollout?.add(this, facts.name, live, [failing, slow, ...(provider ? [provider] : [])]);
    if (deployment.settings.alarms.callerFaultShift) addCallerFaultAlarm(this, context, facts.name, facts.alarms.owner);
  }
}
