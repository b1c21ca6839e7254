import { Annotations } from 'aws-cdk-lib';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { listAlarmNames } from '../alarms/alarm-names.ts';
import { findUnusedMutes } from '../alarms/mute.ts';
import { type CallLogSettings, callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import { emittersOf } from '../metric-audit/emitters.ts';
import { type AppMetric, findMetricProblems } from '../metric-audit/metric-problems.ts';
import type { Settings } from '../settings.ts';
import { findLineProblems } from './function-lines.ts';
import { findNameClashes } from './names-in-use.ts';

interface Existing {
  readonly appMetrics: readonly AppMetric[];
  readonly settings: Settings & CallLogSettings;
  readonly tools: readonly (MonitoredTool & { readonly function?: lambda.IFunction })[];
}

/**
 * Fails synthesis when what is below a construct could be deployed but not work: an alarm that reads what nobody
 * writes, a name that another stack has, a function whose lines its alarms do not see. Warns where that depends on what
 * the app does not say.
 */
export function validateExisting(scope: Construct, { settings, tools, appMetrics }: Existing): void {
  scope.node.addValidation({
    validate: () => {
      const clashes = findNameClashes(scope);
      const lines = tools.flatMap((tool) =>
        tool.function
          ? findLineProblems({
              tool: tool.name,
              function: tool.function,
              service: deploymentNameOf(settings),
              callLogName: callLogName(settings),
              callerErrors: settings.alarms.callerFaultShift,
            })
          : [],
      );
      for (const { problem } of clashes.filter(({ isCertain }) => !isCertain)) {
        Annotations.of(scope).addWarningV2('toolwatch:nameClash', problem);
      }
      for (const warning of lines.flatMap(({ warnings }) => warnings)) {
        Annotations.of(scope).addWarningV2('toolwatch:lines', warning);
      }
      return [
        ...findMetricProblems(scope, { ...emittersOf(settings, tools), appMetrics }),
        ...findUnusedMutes(settings, listAlarmNames(scope)),
        ...clashes.filter(({ isCertain }) => isCertain).map(({ problem }) => problem),
        ...lines.flatMap(({ errors }) => errors),
      ];
    },
  });
}
