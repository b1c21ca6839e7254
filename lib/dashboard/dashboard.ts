import { Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { dashboardName } from '../alarms/alarm-text.ts';
import { isFull } from '../alarms/monitoring.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { AlarmStates } from './alarm-states.ts';
import { chosenToolRows, toolVariable } from './chosen-tool-rows.ts';
import type { DashboardProps } from './dashboard-props.ts';
import { fleetRows } from './fleet-rows.ts';
import { jobRow } from './job-row.ts';
import { pipelineRow } from './pipeline-row.ts';

/**
 * Adds the dashboard in CloudWatch, unless monitoring is lean: the states of all alarms, the tools that fail most and
 * take longest, one tool that its reader chooses, the pipeline, and jobs where there are some. It has as many widgets for a thousand tools as for
 * one.
 */
export function addDashboard(scope: Construct, props: DashboardProps): cloudwatch.Dashboard | undefined {
  const { settings } = props;
  if (!isFull(settings)) return undefined;
  const names = props.tools.map(({ facts }) => facts.name).sort();
  const hasTools = names.length > 0;
  return new cloudwatch.Dashboard(scope, 'Dashboard', {
    // An account has one list of dashboards for all its regions.
    dashboardName: dashboardName(deploymentNameOf(settings), Stack.of(scope).region),
    variables: hasTools ? [toolVariable(names)] : [],
    widgets: [
      [new AlarmStates(scope, settings)],
      ...(hasTools ? fleetRows(props) : []),
      ...(hasTools ? chosenToolRows(scope, settings) : []),
      pipelineRow(props),
      ...(settings.jobs ? [jobRow(props)] : []),
    ],
  });
}
